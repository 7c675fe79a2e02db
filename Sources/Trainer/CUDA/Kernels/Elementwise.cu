#include "Numbers.cuh"
#include "StepControl.cuh"

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

// out = own * out + other * in, of which factors = {own, other}; what is multiplied by an `own` of 0 is not read. With a
// control nothing is changed in a step that is not taken, and `other` counts the gradients' clipping too if `clips`.
KERNEL combine(
    float *out, const float *in, const float *factors, long long count, const StepControl *control, int clips) {
    if (!is_taken(control)) return;
    float own = factors[0], other = factors[1];
    if (control && clips) other *= control->gradient_scale;
    for (long long i = thread_index(); i < count; i += thread_count())
        out[i] = own == 0 ? other * in[i] : own * out[i] + other * in[i];
}

KERNEL exchange(float *left, float *right, long long count) {
    for (long long i = thread_index(); i < count; i += thread_count()) {
        float value = left[i];
        left[i] = right[i];
        right[i] = value;
    }
}

// Adds the same row to each row of out: a bias.
template <typename Number>
static __device__ inline void add_row_to_all(Number *out, const float *row, long long rows, int dim) {
    for (long long i = thread_index(); i < rows * dim; i += thread_count()) put(out[i], number(out[i]) + row[i % dim]);
}

#define ADD_ROW(suffix, Number)                                                                                    \
    KERNEL add_row##suffix(Number *out, const float *row, long long rows, int dim) {                               \
        add_row_to_all(out, row, rows, dim);                                                                       \
    }
FOR_NUMBERS(ADD_ROW)
#undef ADD_ROW
