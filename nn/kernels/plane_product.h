#pragma once

#include <cstddef>
#include <cstdint>

namespace nn {

/// Channels that lie next to each other in the left side of a plane's product: the most of 64, 32
/// and 16 that divide them.
[[nodiscard]] constexpr std::int64_t planeChannels(std::int64_t channels) {
    return channels % 64 == 0 ? 64 : (channels % 32 == 0 ? 32 : 16);
}

/// One of the products that Winograd's method is made of, whose sides lie as regularly as it can
/// arrange them: no tables of addresses as in product.h, and the distance of rows is known to the
/// compiler.
///
/// c[r · cRow + n] = (old +) Σ_i Σ_k a[i · aBlock + r · aRow + k · aStep] b[i · steps + k][n]
/// for blocks i, steps k of a block and columns n. aRow is 1, 16, 32 or 64.
struct PlaneProduct {
    const float* a = nullptr;
    std::ptrdiff_t aRow = 1, aStep = 1, aBlock = 0;
    std::int64_t blocks = 1, steps = 0;
    const float* b = nullptr;  ///< In panels of 16 columns: [step][16].
    std::ptrdiff_t bPanel = 0; ///< Floats from one panel to the next.
    float* c = nullptr;
    std::ptrdiff_t cRow = 0;
    std::int64_t rows = 0, columns = 0; ///< Columns: a multiple of 16.
    bool add = false;                   ///< Add what c held before.
};
void multiplyPlane(const PlaneProduct& product);

} // namespace nn
