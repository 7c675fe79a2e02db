#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "cuda.hpp"

namespace emulation {

// What a thread waits for.
enum class State { ready, at_exchange, at_barrier, done };

// Saved registers of a fiber lie on its stack; this is where.
struct Fiber {
    void *stack_pointer = nullptr;
    State state = State::done;
    Place place;
    // Exchanges so far: alternates between two slots, so that a lane that has gone on overwrites nothing unread.
    unsigned exchanges = 0;
    uint64_t slots[2] = {0, 0};
};

// One block at a time: all its threads as fibers on the calling thread.
class Block {
  public:
    explicit Block(unsigned threads);
    ~Block();
    Block(const Block &) = delete;

    // Runs `body` once a thread; false, with `failure` set, where threads wait in vain.
    bool run(dim3 index, dim3 grid, int order, uint64_t &seed, const std::function<void()> &body);

    const char *failure = nullptr;
    // The barrier that is left out, if any.
    const char *skipped_file = nullptr;
    int skipped_line = 0;

    void wait(State state);
    uint64_t exchange(uint64_t value, int source);
    void exchange_all(uint64_t value, uint64_t (&values)[32]);
    Fiber &current() { return fibers[running]; }
    int lane() const { return int(running % 32); }

  private:
    std::vector<Fiber> fibers;
    std::vector<unsigned char *> stacks;
    const std::function<void()> *body = nullptr;
    void *scheduler = nullptr;
    unsigned running = 0;

    void prepare(unsigned index);
    bool run_warp(unsigned warp, int order, uint64_t &seed);
    void resume(unsigned index);
    static void enter();
};

// The block that runs now.
extern Block *running_block;

// 0 ..< count in one of the orders.
std::vector<unsigned> turns(unsigned count, int order, uint64_t &seed);

}  // namespace emulation
