#pragma once
#include "Common.cuh"

// What the device decides of an optimizer's step, so that the host need not wait for the gradients' norm.
struct StepControl {
    // Clipping.
    float gradient_scale;
    // A norm was no finite number: from then on no step changes anything.
    int has_failed;
};
