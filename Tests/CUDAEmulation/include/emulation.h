#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Runs the trainer's CUDA kernels on the CPU: each thread of a block is a fiber, blocks run one after the other.
//
// A warp runs ahead to its next barrier before another warp moves, so that a missing barrier shows as wrong numbers in
// at least one of the orders. Not emulated: timing, caches, the memory model within a warp, launches in parallel.

// In which order warps, and threads within a warp, take turns.
enum { emulation_forward = 0, emulation_reverse = 1, emulation_random = 2 };

typedef struct {
    const char *_Nonnull kernel;
    uint32_t grid_x, grid_y;
    uint32_t threads;
    int order;
    uint64_t seed;
    // A barrier that is left out, to see that this shows: its file's name without folders, and its line. Or null.
    const char *_Nullable skipped_file;
    int skipped_line;
} EmulatedLaunch;

// Null if the kernel ran, else what is wrong with the launch or the kernel: an unknown name, arguments of other sizes
// than the kernel's, threads that wait for each other in vain. The text lives until this thread's next launch.
const char *_Nullable emulation_launch(
    const EmulatedLaunch *_Nonnull launch, void *_Nonnull const *_Nonnull arguments, const size_t *_Nonnull sizes,
    int count);

// The names of all kernels that can be launched; null beyond the last.
const char *_Nullable emulation_kernel(int index);

#ifdef __cplusplus
}
#endif
