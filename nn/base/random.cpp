#include "nn/base/random.h"

#include <cmath>
#include <numbers>

namespace nn {

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                    std::array<std::uint32_t, 2> key) {
    constexpr std::uint64_t multiplier0 = 0xD2511F53U;
    constexpr std::uint64_t multiplier1 = 0xCD9E8D57U;
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t product0 = multiplier0 * counter[0];
        const std::uint64_t product1 = multiplier1 * counter[2];
        counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key[0],
                   static_cast<std::uint32_t>(product1),
                   static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key[1],
                   static_cast<std::uint32_t>(product0)};
        key[0] += 0x9E3779B9U;
        key[1] += 0xBB67AE85U;
    }
    return counter;
}

std::array<std::uint32_t, 4> randomBlock(const RandomKey& key, std::uint64_t row,
                                         std::uint32_t block) {
    // The purpose and stream share a counter word with room for 2^24 streams of 256 purposes.
    const std::uint32_t use = (static_cast<std::uint32_t>(key.purpose) << 24) ^ key.stream;
    return philox(
        {block, static_cast<std::uint32_t>(row), static_cast<std::uint32_t>(row >> 32), use},
        {static_cast<std::uint32_t>(key.seed), static_cast<std::uint32_t>(key.seed >> 32)});
}

std::uint32_t RandomSequence::word() {
    if (m_used == m_words.size()) {
        m_words = randomBlock(m_key, m_row, m_block++);
        m_used = 0;
    }
    return m_words[m_used++];
}

double RandomSequence::uniform() {
    const std::uint64_t high = word();
    const std::uint64_t low = word();
    return static_cast<double>(((high << 32) | low) >> 11) * 0x1p-53;
}

double RandomSequence::normal() {
    if (m_hasSpare) {
        m_hasSpare = false;
        return m_spare;
    }
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
    const double angle = 2.0 * std::numbers::pi * uniform();
    m_spare = radius * std::sin(angle);
    m_hasSpare = true;
    return radius * std::cos(angle);
}

std::uint64_t RandomSequence::below(std::uint64_t bound) {
    const std::uint64_t limit = ~std::uint64_t{0} - (~std::uint64_t{0} % bound + 1) % bound;
    for (;;) {
        const std::uint64_t high = word();
        const std::uint64_t value = (high << 32) | word();
        if (value <= limit) {
            return value % bound;
        }
    }
}

} // namespace nn
