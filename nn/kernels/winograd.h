#pragma once

#include "nn/kernels/conv_plan.h"
#include "nn/kernels/convolution.h"
#include "nn/kernels/winograd_transform.h"

#include <algorithm>

namespace nn {

/// Whether 3×3 convolutions may be done by Winograd's method; on at first unless the environment
/// says RECEPTIVE_WINOGRAD=0. Not while kernels run, nor between planning memory and using it.
void allowWinograd(bool allowed);
[[nodiscard]] bool winogradAllowed();

/// Whether a convolution is done by Winograd's method F(2×2, 3×3): 3×3 filters, stride 1, no
/// dilation, one group, channels and filters multiples of 16, and enough tiles that the saved
/// multiplications outweigh the filters' transforms. Does not depend on the batch.
[[nodiscard]] bool usesWinograd(const ConvGeometry& g);

/// The tiles of 2×2 targets that cover a batch, one row of tiles after the other.
class WinogradTiles {
public:
    WinogradTiles(const ConvPass& pass, std::int64_t batch);

    struct Place {
        std::int64_t image, row, column;
    };

    [[nodiscard]] std::int64_t count() const { return m_batch * m_rows * m_columns; }
    [[nodiscard]] Place place(std::int64_t tile) const;
    /// Goes on to the next tile.
    void advance(Place& at) const {
        if (++at.column == m_columns) {
            at.column = 0;
            if (++at.row == m_rows) {
                at.row = 0;
                ++at.image;
            }
        }
    }
    /// Calls visit(place, tiles) for the runs of tiles in the same row that begin with `first`.
    template <typename Visit>
    void forEachRun(std::int64_t first, std::int64_t count, const Visit& visit) const {
        Place at = place(first);
        while (count > 0) {
            const std::int64_t tiles = std::min(count, m_columns - at.column);
            visit(at, tiles);
            count -= tiles;
            at.column += tiles - 1;
            advance(at);
        }
    }
    /// The inputs of the tiles from `at` on; lines outside of the image are `zeros`.
    [[nodiscard]] InputRow inputs(const Place& at, const float* source, const float* zeros) const;
    /// The targets of the tiles from `at` on.
    template <typename Float>
    [[nodiscard]] TileOutputs<Float> outputs(const Place& at, Float* target) const {
        const std::int64_t line = m_pass.x.targets * m_pass.targetChannels;
        const std::int64_t row = 2 * at.row;
        Float* const upper = target + (at.image * m_pass.y.targets + row) * line;
        return {.upper = upper,
                .lower = row + 1 < m_pass.y.targets ? upper + line : nullptr,
                .pixel = m_pass.targetChannels,
                .firstColumn = 2 * at.column,
                .columns = m_pass.x.targets};
    }

private:
    const ConvPass& m_pass;
    std::int64_t m_batch, m_rows, m_columns;
    std::int64_t m_top, m_left; ///< First source of the first tile.
};

/// A forward or backward-data pass.
struct WinogradPass {
    const ConvGeometry& g;
    ConvDirection direction = ConvDirection::Forward;
    std::int64_t batch = 1;
    const float* source = nullptr;
    const float* weights = nullptr;
    const float* bias = nullptr; ///< Null: none.
    float* target = nullptr;
    bool add = false;
    bool relu = false;
    /// The target holds only the largest of each tile of 2×2, and `positions` (null: not wanted)
    /// which one that was. Only for even numbers of rows and columns.
    bool pools = false;
    std::uint8_t* positions = nullptr;
    ConvThreads threads = ConvThreads::Any;
};
[[nodiscard]] std::int64_t winogradScratchFloats(const WinogradPass& pass);
void runWinograd(Parallel& parallel, const WinogradPass& pass, std::span<float> scratch);

[[nodiscard]] std::int64_t winogradWeightsScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                                        ConvThreads threads);
void winogradBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                             const ConvBackwardWeightsArgs& args);

} // namespace nn
