//! Everything that needs more than one file of the program, in one binary.

mod vectors;
