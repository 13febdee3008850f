#pragma once

#include "nn/exec/kernel.h"
#include "nn/kernels/pooling.h"

#include <memory>

namespace nn {

/// What a pooling makes of the values in a window.
enum class PoolKind { Maximum, Average };

[[nodiscard]] std::shared_ptr<const Kernel> poolingKernel(PoolKind kind,
                                                          const PoolGeometry& geometry);
/// Pools [pixels][channels] of each sample to [channels].
[[nodiscard]] std::shared_ptr<const Kernel> globalPoolingKernel(PoolKind kind, std::int64_t pixels,
                                                                std::int64_t channels);

} // namespace nn
