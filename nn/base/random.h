#pragma once

#include <array>
#include <cstdint>

namespace nn {

/// What a random number is for. Part of the key, so that no two uses ever share a stream.
enum class RandomPurpose : std::uint32_t {
    Initializer = 1,
    Shuffle = 2,
    Split = 3,
    Dropout = 4,
    Augment = 5,
    Sample = 6,
};

/// Names one stream of random numbers. Equal keys give equal numbers on every machine and thread.
struct RandomKey {
    std::uint64_t seed = 0;
    RandomPurpose purpose = RandomPurpose::Sample;
    std::uint32_t stream = 0; ///< Which user of this purpose: a layer, a weight, an epoch.

    bool operator==(const RandomKey&) const = default;
};

/// Four 32-bit words drawn from a 128-bit counter: Philox4x32-10
/// (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
[[nodiscard]] std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                  std::array<std::uint32_t, 2> key);

/// The block of four words number `block` of row `row` (a sample, a step) of a stream.
[[nodiscard]] std::array<std::uint32_t, 4> randomBlock(const RandomKey& key, std::uint64_t row,
                                                       std::uint32_t block);

/// A uniform number in [0, 1) with 24 bits, from one word.
[[nodiscard]] inline float unitFloat(std::uint32_t word) {
    return static_cast<float>(word >> 8) * 0x1p-24F;
}

/// Reads one stream of a key in order: word 0, 1, 2… of a row.
class RandomSequence {
public:
    explicit RandomSequence(const RandomKey& key, std::uint64_t row = 0) : m_key(key), m_row(row) {}

    /// The next 32 uniform bits.
    std::uint32_t word();
    /// The next uniform number in [0, 1) with 53 bits.
    double uniform();
    /// The next number of the standard normal distribution (Box and Muller 1958).
    double normal();
    /// A uniform whole number in [0, bound); `bound` > 0. Unbiased by rejection.
    std::uint64_t below(std::uint64_t bound);

private:
    RandomKey m_key;
    std::uint64_t m_row = 0;
    std::uint32_t m_block = 0;
    std::size_t m_used = 4;
    std::array<std::uint32_t, 4> m_words{};
    bool m_hasSpare = false;
    double m_spare = 0.0;
};

} // namespace nn
