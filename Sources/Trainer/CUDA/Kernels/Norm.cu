#include "Common.cuh"

// sums[block] = sum of squares of the block's share of values, in double precision.
KERNEL __launch_bounds__(REDUCING_THREADS)
    square_sums(double *sums, const float *values, long long count) {
    double sum = 0;
    for (long long i = thread_index(); i < count; i += thread_count()) sum += (double)values[i] * (double)values[i];
    sum = block_sum(sum);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

// out[0] = sqrt of the sum of `count` sums. One block.
KERNEL __launch_bounds__(REDUCING_THREADS)
    root_of_sums(double *out, const double *sums, int count) {
    double sum = 0;
    for (int i = threadIdx.x; i < count; i += REDUCING_THREADS) sum += sums[i];
    sum = block_sum(sum);
    if (threadIdx.x == 0) out[0] = sqrt(sum);
}
