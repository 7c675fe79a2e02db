#include "cuda.hpp"
//
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "Fibers.hpp"
#include "include/emulation.h"

// The kernels as the GPU gets them.
#include "../../Sources/Trainer/CUDA/Kernels/AdamW.cu"
#include "../../Sources/Trainer/CUDA/Kernels/AttentionBackward.cu"
#include "../../Sources/Trainer/CUDA/Kernels/AttentionBackwardBF16.cu"
#include "../../Sources/Trainer/CUDA/Kernels/AttentionForward.cu"
#include "../../Sources/Trainer/CUDA/Kernels/AttentionForwardBF16.cu"
#include "../../Sources/Trainer/CUDA/Kernels/ColumnSums.cu"
#include "../../Sources/Trainer/CUDA/Kernels/CrossEntropy.cu"
#include "../../Sources/Trainer/CUDA/Kernels/Elementwise.cu"
#include "../../Sources/Trainer/CUDA/Kernels/Embedding.cu"
#include "../../Sources/Trainer/CUDA/Kernels/GELU.cu"
#include "../../Sources/Trainer/CUDA/Kernels/GatedSiLU.cu"
#include "../../Sources/Trainer/CUDA/Kernels/LayerNorm.cu"
#include "../../Sources/Trainer/CUDA/Kernels/Norm.cu"
#include "../../Sources/Trainer/CUDA/Kernels/Rotation.cu"
#include "../../Sources/Trainer/CUDA/Kernels/Rounding.cu"
#include "../../Sources/Trainer/CUDA/Kernels/Sampling.cu"

namespace {

// A kernel with the types of its arguments taken away.
struct Entry {
    const char *name;
    std::vector<size_t> sizes;
    std::function<void(void *const *)> call;
};

template <typename... Arguments, size_t... places>
Entry entry(const char *name, void (*kernel)(Arguments...), std::index_sequence<places...>) {
    return Entry{name, {sizeof(Arguments)...}, [kernel](void *const *arguments) {
                     kernel(*static_cast<Arguments *>(arguments[places])...);
                 }};
}

template <typename... Arguments>
Entry entry(const char *name, void (*kernel)(Arguments...)) {
    return entry(name, kernel, std::index_sequence_for<Arguments...>());
}

#define ENTRY(kernel) entry(#kernel, kernel)
#define ENTRIES(kernel) ENTRY(kernel), ENTRY(kernel##_bf16), ENTRY(kernel##_fp16)
#define WIDTHS(kernel) ENTRY(kernel##_32), ENTRY(kernel##_64), ENTRY(kernel##_128)

const std::vector<Entry> &entries() {
    static const std::vector<Entry> all = {
        ENTRY(adamw),
        ENTRY(add),
        ENTRY(blend),
        ENTRY(combine),
        ENTRY(decide_step),
        ENTRY(exchange),
        ENTRY(fill),
        ENTRY(gather),
        ENTRY(normalize),
        ENTRY(root_of_sums),
        ENTRY(round_bf16),
        ENTRY(round_fp16),
        ENTRY(scatter_add),
        ENTRY(square_sums),
        ENTRIES(add_row),
        ENTRIES(column_sums),
        ENTRIES(cross_entropy),
        ENTRIES(draw_tokens),
        ENTRIES(gated_silu_backward),
        ENTRIES(gated_silu_forward),
        ENTRIES(gelu_backward),
        ENTRIES(gelu_forward),
        ENTRIES(layer_norm_backward),
        ENTRIES(layer_norm_forward),
        ENTRIES(rotate),
        WIDTHS(attention_forward),
        WIDTHS(attention_forward_bf16),
        WIDTHS(attention_forward_fp16),
        WIDTHS(attention_backward_query),
        WIDTHS(attention_backward_query_bf16),
        WIDTHS(attention_backward_query_fp16),
        WIDTHS(attention_backward_key),
        WIDTHS(attention_backward_key_bf16),
        WIDTHS(attention_backward_key_fp16),
    };
    return all;
}

// One launch at a time, since shared memory is static.
std::mutex one_launch;
thread_local std::string message;

// Blocks that have run, by their number of threads: their stacks are used again.
std::map<unsigned, std::unique_ptr<emulation::Block>> blocks;

const char *failed(std::string text) {
    message = std::move(text);
    return message.c_str();
}

}  // namespace

const char *emulation_kernel(int index) {
    return index >= 0 && size_t(index) < entries().size() ? entries()[size_t(index)].name : nullptr;
}

const char *emulation_launch(
    const EmulatedLaunch *launch, void *const *arguments, const size_t *sizes, int count) {
    std::lock_guard<std::mutex> lock(one_launch);
    std::string name = launch->kernel;
    for (const Entry &entry : entries()) {
        if (name != entry.name) continue;
        if (std::vector<size_t>(sizes, sizes + count) != entry.sizes)
            return failed(name + " is launched with arguments of other sizes than it has");
        if (launch->threads == 0 || launch->threads > 1024 || launch->grid_x == 0 || launch->grid_y == 0 ||
            launch->grid_x > 0x7fffffff || launch->grid_y > 65535)
            return failed(name + " is launched with a grid or block that no GPU has");
        auto &block = blocks[launch->threads];
        if (!block) block = std::make_unique<emulation::Block>(launch->threads);
        block->skipped_file = launch->skipped_file;
        block->skipped_line = launch->skipped_line;
        uint64_t seed = launch->seed;
        dim3 grid = {launch->grid_x, launch->grid_y, 1};
        for (unsigned index : emulation::turns(launch->grid_x * launch->grid_y, launch->order, seed)) {
            dim3 place = {index % launch->grid_x, index / launch->grid_x, 0};
            if (block->run(place, grid, launch->order, seed, [&] { entry.call(arguments); })) continue;
            std::string text = name + ": " + block->failure;
            block = nullptr;
            return failed(text);
        }
        return nullptr;
    }
    return failed("there is no kernel " + name);
}
