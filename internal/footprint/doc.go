// Package footprint keeps a program that waits most of its time small in memory: it is for the process of one `kubemint up`, not for a
// library, since what it sets counts for the whole process.
//
// # Basics
//
// While there is much to do, Run lets the heap grow by no more than Headroom before it is collected. Once the program has been quiet for
// a tick, what the work before left behind goes back to the system: the free parts of the heap, and what is mapped of the program's own
// code and tables.
//
// Of code and tables, half is touched only while the program starts (each package is initialised, whether it serves this command or not), and the
// kernel maps what lies around each touched page as well. Nothing of it is needed again soon. Giving it up costs what mapping it anew
// does, a page fault without a read from the disk as long as the kernel keeps the file cached.
// So all this goes again whenever enough of it has come back, under load as well: what is in use is there again at once, the rest is
// neighbours that the kernel mapped with it, in folios of up to some MiB.
//
// # Caveats
//
// Giving up what is mapped is done on Linux only, and only where this process cannot write and has never changed a byte in its memory:
// there the file is what the memory holds. That is asked of the kernel each time. Files that can be unmapped meanwhile are left to those
// who map them, as storage/bolt does with its own.
package footprint
