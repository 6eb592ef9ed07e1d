package memory_test

import "testing"

func BenchmarkStore(b *testing.B) { suite.Bench(b) }
