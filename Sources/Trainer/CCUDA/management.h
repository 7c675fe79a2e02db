#pragma once
#include "functions.h"

// libnvidia-ml.so.1: how a GPU is doing. Each function may be missing.

typedef struct {
    unsigned gpu;
    unsigned memory;
} ManagedUtilization;

typedef struct {
    unsigned long long total;
    unsigned long long free;
    unsigned long long used;
} ManagedMemory;

#define NVML_FUNCTIONS(F)                                                                                          \
    F(nvmlInit_v2, (void))                                                                                         \
    F(nvmlShutdown, (void))                                                                                        \
    F(nvmlDeviceGetCount_v2, (unsigned *_Nonnull count))                                                           \
    F(nvmlDeviceGetHandleByIndex_v2, (unsigned index, void *_Nullable *_Nonnull device))                           \
    F(nvmlDeviceGetUUID, (void *_Nullable device, char *_Nonnull uuid, unsigned length))                           \
    F(nvmlDeviceGetUtilizationRates, (void *_Nullable device, ManagedUtilization *_Nonnull utilization))           \
    F(nvmlDeviceGetMemoryInfo, (void *_Nullable device, ManagedMemory *_Nonnull memory))                           \
    F(nvmlDeviceGetPowerUsage, (void *_Nullable device, unsigned *_Nonnull milliwatts))                            \
    F(nvmlDeviceGetEnforcedPowerLimit, (void *_Nullable device, unsigned *_Nonnull milliwatts))                    \
    F(nvmlDeviceGetTemperature, (void *_Nullable device, int sensor, unsigned *_Nonnull degrees))                  \
    F(nvmlDeviceGetClockInfo, (void *_Nullable device, int type, unsigned *_Nonnull megahertz))                    \
    F(nvmlDeviceGetFanSpeed, (void *_Nullable device, unsigned *_Nonnull percent))

NVML_FUNCTIONS(FUNCTION_TYPE)

enum {
    nvml_success = 0,
    nvml_temperature_gpu = 0,
    nvml_clock_graphics = 0,
    nvml_clock_sm = 1,
    nvml_clock_memory = 2,
};
