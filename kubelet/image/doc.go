// Package image is what a node knows of container images: how their names are completed and refused, what
// the well-known ones run when nobody says otherwise, and which cannot be pulled.
//
// No image is ever pulled. What an image runs is a command of the simulated shell, or a program of package
// program; an image that is not known here idles.
package image
