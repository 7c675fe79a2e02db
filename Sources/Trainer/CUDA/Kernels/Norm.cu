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

struct StepRule {
    double clip_norm, learning_rate, beta1, beta2;
};

// Decides a step from its gradients' norm, which counts the scale of the loss: clipped to clip_norm, not at all if that
// is 0. Is the norm no finite number, there is no step, and none ever after unless a smaller scale may help. The scale
// doubles after growth_interval steps without that, up to the largest; it stays as it is if the interval is 0. One thread.
KERNEL decide_step(
    StepControl *control, const double *scaled_norm, const StepRule *rule, int growth_interval, float largest_scale) {
    control->is_skipped = 0;
    // Infinity and NaN give NaN.
    if (*scaled_norm - *scaled_norm != 0) {
        if (growth_interval && control->loss_scale > 1) {
            control->is_skipped = 1;
            control->loss_scale /= 2;
            control->good_steps = 0;
        } else {
            control->has_failed = 1;
        }
        return;
    }
    double norm = *scaled_norm / control->loss_scale, share = rule->clip_norm / (norm + 1e-6);
    control->gradient_scale = (float)((rule->clip_norm > 0 && share < 1 ? share : 1) / control->loss_scale);
    control->steps++;
    control->step_size = (float)(rule->learning_rate / (1 - pow(rule->beta1, (double)control->steps)));
    control->denominator_scale = (float)(1 / sqrt(1 - pow(rule->beta2, (double)control->steps)));
    if (growth_interval && ++control->good_steps >= growth_interval) {
        if (control->loss_scale < largest_scale) control->loss_scale *= 2;
        control->good_steps = 0;
    }
}

// out = in / (norm + epsilon): a matrix whose singular values are at most 1.
KERNEL normalize(float *out, const float *in, const double *norm, float epsilon, long long count) {
    float scale = (float)(1 / (*norm + (double)epsilon));
    for (long long i = thread_index(); i < count; i += thread_count()) out[i] = in[i] * scale;
}
