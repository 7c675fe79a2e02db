#include "Common.cuh"

// out += in
KERNEL add(float *out, const float *in, long long count) {
    for (long long i = thread_index(); i < count; i += thread_count()) out[i] += in[i];
}

KERNEL fill(float *out, float value, long long count) {
    for (long long i = thread_index(); i < count; i += thread_count()) out[i] = value;
}

// out += share * (in - out)
KERNEL blend(float *out, const float *in, float share, long long count) {
    for (long long i = thread_index(); i < count; i += thread_count()) out[i] += share * (in[i] - out[i]);
}

// Adds the same row to each row of out: a bias.
KERNEL add_row(float *out, const float *row, long long rows, int dim) {
    for (long long i = thread_index(); i < rows * dim; i += thread_count()) out[i] += row[i % dim];
}
