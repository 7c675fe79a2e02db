#include "StepControl.cuh"

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

// Decides a step from its gradients' norm: clipped to clip_norm, not at all if that is 0; none if the norm is no finite
// number. One thread.
KERNEL decide_step(StepControl *control, const double *norm, double clip_norm) {
    double share = clip_norm / (*norm + 1e-6);
    control->gradient_scale = (float)(clip_norm > 0 && share < 1 ? share : 1);
    // Infinity and NaN give NaN.
    if (*norm - *norm != 0) control->has_failed = 1;
}

// out = in / (norm + epsilon): a matrix whose singular values are at most 1.
KERNEL normalize(float *out, const float *in, const double *norm, float epsilon, long long count) {
    float scale = (float)(1 / (*norm + (double)epsilon));
    for (long long i = thread_index(); i < count; i += thread_count()) out[i] = in[i] * scale;
}
