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
#include "../../Sources/Trainer/CUDA/Kernels/BFloat16.cu"
#include "../../Sources/Trainer/CUDA/Kernels/ColumnSums.cu"
#include "../../Sources/Trainer/CUDA/Kernels/CrossEntropy.cu"
#include "../../Sources/Trainer/CUDA/Kernels/Elementwise.cu"
#include "../../Sources/Trainer/CUDA/Kernels/Embedding.cu"
#include "../../Sources/Trainer/CUDA/Kernels/GELU.cu"
#include "../../Sources/Trainer/CUDA/Kernels/GatedSiLU.cu"
#include "../../Sources/Trainer/CUDA/Kernels/LayerNorm.cu"
#include "../../Sources/Trainer/CUDA/Kernels/Norm.cu"
#include "../../Sources/Trainer/CUDA/Kernels/Rotation.cu"

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

const std::vector<Entry> &entries() {
    static const std::vector<Entry> all = {
        ENTRY(adamw),
        ENTRY(add),
        ENTRY(add_row),
        ENTRY(attention_backward_key_128),
        ENTRY(attention_backward_key_bf16_32),
        ENTRY(attention_backward_key_bf16_64),
        ENTRY(attention_backward_query_bf16_32),
        ENTRY(attention_backward_query_bf16_64),
        ENTRY(attention_forward_bf16_128),
        ENTRY(attention_forward_bf16_32),
        ENTRY(attention_forward_bf16_64),
        ENTRY(attention_backward_key_32),
        ENTRY(attention_backward_key_64),
        ENTRY(attention_backward_query_128),
        ENTRY(attention_backward_query_32),
        ENTRY(attention_backward_query_64),
        ENTRY(attention_forward_128),
        ENTRY(attention_forward_32),
        ENTRY(attention_forward_64),
        ENTRY(blend),
        ENTRY(column_sums),
        ENTRY(cross_entropy),
        ENTRY(fill),
        ENTRY(gated_silu_backward),
        ENTRY(gated_silu_forward),
        ENTRY(gather),
        ENTRY(gelu_backward),
        ENTRY(gelu_forward),
        ENTRY(layer_norm_backward),
        ENTRY(layer_norm_forward),
        ENTRY(root_of_sums),
        ENTRY(rotate),
        ENTRY(scatter_add),
        ENTRY(square_sums),
        ENTRY(to_bfloat16),
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
