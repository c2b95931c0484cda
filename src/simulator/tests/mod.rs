//! Tests of the pretend world against itself and against a fake app.
