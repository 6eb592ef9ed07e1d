package kubemint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// nodesRecord is what a cluster remembers of its nodes: DATA/nodes.json.
type nodesRecord struct {
	// Asked is the largest number of nodes that a start has asked for.
	Asked int          `json:"asked"`
	Nodes []nodeRecord `json:"nodes"`
}

// nodeRecord is one node that came with a start, or was added later. Its number and range never change.
type nodeRecord struct {
	Name    string       `json:"name"`
	Number  int          `json:"number"` // from 1; its address is made of it
	PodCIDR netip.Prefix `json:"podCIDR"`
	Skew    span         `json:"skew,omitempty"`
	Cut     bool         `json:"cut,omitempty"`
}

// span is a duration in words.
type span time.Duration

func (s span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

func (s *span) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	*s = span(d)
	return err
}

// address is the node's own, in the network that kind gives its nodes.
func (r *nodeRecord) address() netip.Addr {
	return netip.AddrFrom4([4]byte{172, 18, byte((r.Number + 1) >> 8), byte(r.Number + 1)})
}

// loadNodes reads what nodes there were. A missing file is a cluster that never ran.
func loadNodes(path string) (nodesRecord, error) {
	var r nodesRecord
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		return r, fmt.Errorf("read the nodes in %s: %w", path, err)
	}
	for i := range r.Nodes {
		n := &r.Nodes[i]
		if checkNodeName(n.Name) != nil || n.Number < 1 || n.Number > maxNodes || !n.PodCIDR.IsValid() {
			return r, fmt.Errorf("read the nodes in %s: node %q with number %d and range %v cannot be", path, n.Name, n.Number, n.PodCIDR)
		}
	}
	return r, nil
}

// save replaces the file, so that it is never half written.
func (r *nodesRecord) save(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".nodes-*") // 0600
	if err != nil {
		return fmt.Errorf("write the nodes: %w", err)
	}
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write the nodes: %w", err), os.Remove(f.Name()))
	}
	return nil
}

// maxNodes is how many nodes have addresses.
const maxNodes = 3000

// grow adds what is missing to the number of nodes that a start asks for. One that asks for no more than an earlier one finds its nodes as
// they were left: some may have been taken away since.
func (r *nodesRecord) grow(asked int) error {
	if asked <= r.Asked {
		return nil
	}
	r.Asked = asked
	for len(r.Nodes) < asked {
		if _, err := r.add("", asked); err != nil {
			return err
		}
	}
	return nil
}

var errTooMany = errors.New("there are no addresses for another node")

// add gives a new node a number, a range, and a name unless it has one. count is how many nodes there are to be.
func (r *nodesRecord) add(name string, count int) (nodeRecord, error) {
	made := nodeRecord{Name: name}
	taken := make([]netip.Prefix, len(r.Nodes))
	numbers := make(map[int]bool, len(r.Nodes))
	names := make(map[string]bool, len(r.Nodes))
	for i := range r.Nodes {
		taken[i], numbers[r.Nodes[i].Number], names[r.Nodes[i].Name] = r.Nodes[i].PodCIDR, true, true
	}
	for made.Number = 1; numbers[made.Number] || name == "" && names[fmt.Sprintf("node-%d", made.Number)]; made.Number++ {
	}
	if made.Name == "" {
		made.Name = fmt.Sprintf("node-%d", made.Number)
	}
	made.PodCIDR = freeRange(taken, count)
	if made.Number > maxNodes || !made.PodCIDR.IsValid() {
		return made, errTooMany
	}
	r.Nodes = append(r.Nodes, made)
	return made, nil
}

// freeRange is where a node's pods get their addresses from: of 10.244.0.0/16, as kubeadm has it, 256 addresses or, where few nodes share
// them, 4096; after that 256 of what follows up to 10.255. It is invalid if nothing is left.
func freeRange(taken []netip.Prefix, count int) netip.Prefix {
	first := uint32(10)<<24 | 244<<16
	for _, size := range []struct{ bits, last uint32 }{{20, first | 0xffff}, {24, 10<<24 | 0xffffff}} {
		if size.bits == 20 && count > 16 {
			continue
		}
		for at := first; at <= size.last; at += 1 << (32 - size.bits) {
			p := netip.PrefixFrom(netip.AddrFrom4([4]byte{byte(at >> 24), byte(at >> 16), byte(at >> 8)}), int(size.bits))
			if !slices.ContainsFunc(taken, p.Overlaps) {
				return p
			}
		}
	}
	return netip.Prefix{}
}
