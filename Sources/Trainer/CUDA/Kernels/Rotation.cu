#include "Numbers.cuh"

// Turns the pairs (i, i + half) of each head's vector by its row's angles; direction -1 turns back.
template <typename Number>
static __device__ inline void rotate_heads(
    Number *values, const int *positions, const float *cosines, const float *sines, long long rows, int row_stride,
    int heads, int head_stride, int half, float direction) {
    long long per_row = (long long)heads * half;
    for (long long i = thread_index(); i < rows * per_row; i += thread_count()) {
        long long row = i / per_row;
        int pair = i % half, head = i % per_row / half;
        Number *low = values + row * row_stride + head * head_stride + pair, *high = low + half;
        float cosine = cosines[(long long)positions[row] * half + pair];
        float sine = direction * sines[(long long)positions[row] * half + pair];
        float a = number(*low), b = number(*high);
        put(*low, a * cosine - b * sine);
        put(*high, b * cosine + a * sine);
    }
}

#define ROTATE(suffix, Number)                                                                                     \
    KERNEL rotate##suffix(                                                                                         \
        Number *values, const int *positions, const float *cosines, const float *sines, long long rows,            \
        int row_stride, int heads, int head_stride, int half, float direction) {                                   \
        rotate_heads(                                                                                              \
            values, positions, cosines, sines, rows, row_stride, heads, head_stride, half, direction);             \
    }
FOR_NUMBERS(ROTATE)
#undef ROTATE
