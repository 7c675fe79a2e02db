#include "Fibers.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include "include/emulation.h"

namespace emulation {

Block *running_block;

static const size_t stack_size = 64 * 1024;

// Saves the caller's registers on its stack and its stack pointer in *from, and goes on where `to` was saved.
extern "C" void emulation_switch(void **from, void *to);

#if defined(__x86_64__)
asm(R"(
.text
.globl emulation_switch
.type emulation_switch,@function
emulation_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size emulation_switch,.-emulation_switch
.section .note.GNU-stack,"",@progbits
.text
)");

static void *fresh_stack(unsigned char *stack, void (*entry)()) {
    // Six registers and the address that `ret` takes; at `entry` the stack is as after a call: 8 beyond 16.
    auto *top = reinterpret_cast<void **>(stack + stack_size) - 8;
    std::fill(top, top + 6, nullptr);
    top[6] = reinterpret_cast<void *>(entry);
    top[7] = nullptr;
    return top;
}
#elif defined(__aarch64__)
asm(R"(
.text
.globl emulation_switch
.type emulation_switch,%function
emulation_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
.size emulation_switch,.-emulation_switch
)");

static void *fresh_stack(unsigned char *stack, void (*entry)()) {
    auto *top = reinterpret_cast<void **>(stack + stack_size) - 20;
    std::fill(top, top + 20, nullptr);
    top[11] = reinterpret_cast<void *>(entry);
    return top;
}
#else
#error "the emulation knows x86-64 and AArch64; add the switch of fibers for this processor"
#endif

Block::Block(unsigned threads) : fibers(threads) {
    for (unsigned index = 0; index < threads; index++) {
        void *stack = mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        stacks.push_back(stack == MAP_FAILED ? nullptr : static_cast<unsigned char *>(stack));
        if (!stacks.back()) failure = "no memory for the stacks of the emulated threads";
    }
}

Block::~Block() {
    for (auto *stack : stacks)
        if (stack) munmap(stack, stack_size);
}

void Block::enter() {
    Block *block = running_block;
    (*block->body)();
    block->wait(State::done);
    __builtin_trap();
}

void Block::wait(State state) {
    Fiber &fiber = current();
    fiber.state = state;
    emulation_switch(&fiber.stack_pointer, scheduler);
}

uint64_t Block::exchange(uint64_t value, int source) {
    unsigned own = running, slot = fibers[own].exchanges++ % 2;
    fibers[own].slots[slot] = value;
    wait(State::at_exchange);
    return fibers[own / 32 * 32 + unsigned(source)].slots[slot];
}

void Block::exchange_all(uint64_t value, uint64_t (&values)[32]) {
    unsigned own = running, slot = fibers[own].exchanges % 2;
    exchange(value, 0);
    for (unsigned lane = 0; lane < 32; lane++) values[lane] = fibers[own / 32 * 32 + lane].slots[slot];
}

void Block::resume(unsigned index) {
    running = index;
    emulation_switch(&scheduler, fibers[index].stack_pointer);
}

// Until all of the warp's threads wait at the block's barrier, or are done.
bool Block::run_warp(unsigned warp, int order, uint64_t &seed) {
    unsigned first = warp * 32, count = std::min<unsigned>(32, unsigned(fibers.size()) - first);
    while (true) {
        for (unsigned turn : turns(count, order, seed))
            if (fibers[first + turn].state == State::ready) resume(first + turn);
        auto waiting = [&](State state) {
            return std::count_if(
                fibers.begin() + first, fibers.begin() + first + count,
                [&](const Fiber &fiber) { return fiber.state == state; });
        };
        if (waiting(State::at_exchange) == 0) return true;
        if (waiting(State::at_exchange) != 32) {
            failure = "some threads of a warp wait to exchange values with others that do not";
            return false;
        }
        for (unsigned lane = 0; lane < count; lane++) fibers[first + lane].state = State::ready;
    }
}

bool Block::run(dim3 index, dim3 grid, int order, uint64_t &seed, const std::function<void()> &work) {
    if (failure) return false;
    body = &work;
    running_block = this;
    for (unsigned thread = 0; thread < fibers.size(); thread++) {
        fibers[thread] = Fiber();
        fibers[thread].state = State::ready;
        fibers[thread].place = Place{{thread, 0, 0}, index, {unsigned(fibers.size()), 1, 1}, grid};
        fibers[thread].stack_pointer = fresh_stack(stacks[thread], Block::enter);
    }
    unsigned warps = (unsigned(fibers.size()) + 31) / 32;
    while (true) {
        for (unsigned warp : turns(warps, order, seed))
            if (!run_warp(warp, order, seed)) return false;
        auto done = std::count_if(
            fibers.begin(), fibers.end(), [](const Fiber &fiber) { return fiber.state == State::done; });
        if (size_t(done) == fibers.size()) return true;
        if (done > 0) {
            failure = "some threads of a block wait at a barrier that others never reach";
            return false;
        }
        for (auto &fiber : fibers) fiber.state = State::ready;
    }
}

std::vector<unsigned> turns(unsigned count, int order, uint64_t &seed) {
    std::vector<unsigned> turns(count);
    std::iota(turns.begin(), turns.end(), 0u);
    if (order == emulation_reverse) std::reverse(turns.begin(), turns.end());
    if (order == emulation_random)
        for (unsigned left = count; left > 1; left--) {
            // SplitMix64.
            uint64_t z = seed += 0x9e3779b97f4a7c15;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
            z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
            std::swap(turns[left - 1], turns[(z ^ (z >> 31)) % left]);
        }
    return turns;
}

const Place &place() { return running_block->current().place; }

void block_barrier(const char *file, int line) {
    const char *skipped = running_block->skipped_file;
    if (skipped && line == running_block->skipped_line) {
        const char *slash = std::strrchr(file, '/');
        if (std::strcmp(slash ? slash + 1 : file, skipped) == 0) return;
    }
    running_block->wait(State::at_barrier);
}

uint64_t exchange(uint64_t value, int source) { return running_block->exchange(value, source); }
void exchange_all(uint64_t value, uint64_t (&values)[32]) { running_block->exchange_all(value, values); }
int lane() { return running_block->lane(); }

}  // namespace emulation
