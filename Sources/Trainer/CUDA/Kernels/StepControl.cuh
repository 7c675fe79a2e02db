#pragma once
#include "Common.cuh"

// What the device decides of optimizer steps and keeps from one to the next, so that the host need not wait for the
// gradients' norm. The host's StepControl knows where its words lie.
struct StepControl {
    // Of this step. Gradients are multiplied by the first, which clips and undoes the scale of the loss;
    // step_size = lr / (1 - beta1^t), denominator_scale = 1 / sqrt(1 - beta2^t).
    float gradient_scale, step_size, denominator_scale;
    // Gradients overflowed: this step changes nothing.
    int is_skipped;
    // A norm was no finite number, and a smaller scale does not help: from then on no step changes anything.
    int has_failed;
    // What the next loss is multiplied by, and the steps since that last changed.
    float loss_scale;
    int good_steps;
    // Taken so far: t.
    int steps;
};

// Without a control every step is taken.
static __device__ inline bool is_taken(const StepControl *control) {
    return !control || !(control->is_skipped || control->has_failed);
}
