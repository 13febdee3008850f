#pragma once

#include "nn/kernels/winograd.h"

#include <cstdint>
#include <span>

namespace nn {

/// Whether a pass is a gradient by an input of so few channels that vectors run along the row of a
/// filter, over all its taps and channels: each value of dy is spread over such a row of the
/// result, and filter rows that meet only the border are left out.
[[nodiscard]] bool spreadsRows(const WinogradPass& pass);

[[nodiscard]] std::int64_t spreadScratchFloats(const WinogradPass& pass);
void runSpread(Parallel& parallel, const WinogradPass& pass, std::span<float> scratch);

} // namespace nn
