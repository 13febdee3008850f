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

/// Whether a convolution is done by Winograd's method: 3×3 filters, stride 1, no dilation, one
/// group, channels and filters multiples of 16, and enough tiles that the saved multiplications
/// outweigh the filters' transforms. Does not depend on the batch.
[[nodiscard]] bool usesWinograd(const ConvGeometry& g);
/// The m of F(m×m, 3×3) for targets of such a convolution's pass: 4 where its tiles, those at the
/// border included, take clearly fewer multiplications than those of 2, else 2.
[[nodiscard]] int winogradSize(const ConvPass& pass);

/// The tiles of `size` × `size` targets that cover a batch, one row of tiles after the other.
class WinogradTiles {
public:
    WinogradTiles(const ConvPass& pass, std::int64_t batch);

    struct Place {
        std::int64_t image, row, column;
    };

    [[nodiscard]] int size() const { return m_size; }
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
    /// The inputs of the tiles from `at` on. `together`: how many are transformed one after the
    /// other; if those below are among them, they are fetched ahead.
    [[nodiscard]] InputRow inputs(const Place& at, const float* source,
                                  std::int64_t together) const;
    /// The targets of the tiles from `at` on.
    template <typename Value>
    [[nodiscard]] TileOutputs<Value> outputs(const Place& at, Value* target) const {
        return outputsOf(at, target, m_size, m_pass.y.targets, m_pass.x.targets);
    }
    /// The same where the target holds one value for each 2×2 targets.
    template <typename Value>
    [[nodiscard]] TileOutputs<Value> pooledOutputs(const Place& at, Value* target) const {
        return outputsOf(at, target, m_size / 2, m_pass.y.targets / 2, m_pass.x.targets / 2);
    }

private:
    template <typename Value>
    [[nodiscard]] TileOutputs<Value> outputsOf(const Place& at, Value* target, int size,
                                               std::int64_t rows, std::int64_t columns) const {
        const std::int64_t line = columns * m_pass.targetChannels;
        TileOutputs<Value> outputs{
            .pixel = m_pass.targetChannels, .firstColumn = size * at.column, .columns = columns};
        for (int i = 0; i < size; ++i) {
            const std::int64_t row = size * at.row + i;
            outputs.lines[static_cast<std::size_t>(i)] =
                row < rows ? target + (at.image * rows + row) * line : nullptr;
        }
        return outputs;
    }

    const ConvPass& m_pass;
    int m_size;
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
    /// Targets become zero where these values are not positive; null: none. Not with `pools`.
    const float* passed = nullptr;
    /// The target holds only the largest of each tile of 2×2, and `positions` (null: not wanted)
    /// which one that was. Only for even numbers of rows and columns.
    bool pools = false;
    std::uint8_t* positions = nullptr;
    float* moments = nullptr; ///< As `ConvForwardArgs::moments`; null: not wanted.
    ConvThreads threads = ConvThreads::Any;
};
/// Blocks of `moments`.
[[nodiscard]] std::int64_t winogradBlocks(const WinogradPass& pass);
[[nodiscard]] std::int64_t winogradScratchFloats(const WinogradPass& pass);
void runWinograd(Parallel& parallel, const WinogradPass& pass, std::span<float> scratch);

[[nodiscard]] std::int64_t winogradWeightsScratchFloats(const ConvGeometry& g, std::int64_t batch,
                                                        ConvThreads threads);
void winogradBackwardWeights(Parallel& parallel, const ConvGeometry& g,
                             const ConvBackwardWeightsArgs& args);

} // namespace nn
