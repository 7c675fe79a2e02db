#include "StepControl.cuh"

// The numbers that change from step to step. Gradients are multiplied by gradient_scale as they are read;
// decay = 1 - lr * weight decay, step_size = lr / (1 - beta1^t), denominator_scale = 1 / sqrt(1 - beta2^t).
struct AdamWNumbers {
    float gradient_scale, decay, step_size, denominator_scale;
};

// One step. A control's numbers count in place of those given, but for the decay.
KERNEL adamw(
    float *values, float *first_moment, float *second_moment, const float *gradients, long long count,
    const AdamWNumbers *numbers, float beta1, float beta2, float epsilon, const StepControl *control) {
    if (!is_taken(control)) return;
    float gradient_scale = numbers->gradient_scale, decay = numbers->decay, step_size = numbers->step_size,
          denominator_scale = numbers->denominator_scale;
    if (control) {
        gradient_scale = control->gradient_scale;
        step_size = control->step_size;
        denominator_scale = control->denominator_scale;
    }
    for (long long i = thread_index(); i < count; i += thread_count()) {
        float g = gradients[i] * gradient_scale;
        float m = first_moment[i] + (g - first_moment[i]) * (1.0f - beta1);
        float v = second_moment[i] * beta2 + (1.0f - beta2) * g * g;
        first_moment[i] = m;
        second_moment[i] = v;
        values[i] = values[i] * decay - step_size * m / (sqrtf(v) * denominator_scale + epsilon);
    }
}
