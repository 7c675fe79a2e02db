#pragma once
#include <stddef.h>
#include <stdint.h>

// The functions of NVIDIA's libraries that the trainer calls, written down by hand: the programs are built where CUDA is
// not installed, and find the libraries when they run. Enumerations are ints and handles are void pointers.
// Tests/CUDAHeaders holds every signature, structure and number against NVIDIA's own headers.
//
// Each library is a list of F(name, arguments), made into a structure of pointers and into names to look up.

#define FUNCTION_POINTER(name, arguments) int(*_Nonnull name) arguments;
#define FUNCTION_NAME(name, arguments) #name,
// Of a function that may be missing.
#define FUNCTION_TYPE(name, arguments) typedef int(*_Nonnull name##_type) arguments;

#define FUNCTION_TABLE(Table, FUNCTIONS)                                                                           \
    typedef struct {                                                                                               \
        FUNCTIONS(FUNCTION_POINTER)                                                                                \
    } Table;                                                                                                       \
    enum { Table##_count = sizeof(Table) / sizeof(void *) };                                                       \
    /* The name of the function at this place of the structure. */                                                 \
    static inline const char *_Nonnull Table##_name(int place) {                                                   \
        static const char *const _Nonnull names[] = {FUNCTIONS(FUNCTION_NAME)};                                    \
        return names[place];                                                                                       \
    }
