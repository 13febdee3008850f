#include "nn/layers/support/dropout_key.h"

namespace nn {

namespace {

/// A seed in which all bits of seed and step take part (splitmix64; Steele et al., OOPSLA 2014).
std::uint64_t mixed(std::uint64_t seed, std::uint64_t step) {
    std::uint64_t value = seed + 0x9E3779B97F4A7C15U * (step + 1);
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31);
}

} // namespace

DropoutKey dropoutKey(const StepKey& key, std::optional<std::int64_t> layerSeed) {
    const std::uint64_t seed = layerSeed ? static_cast<std::uint64_t>(*layerSeed) : key.seed;
    return {{mixed(seed, key.step), RandomPurpose::Dropout, key.layer}, key.firstSample};
}

} // namespace nn
