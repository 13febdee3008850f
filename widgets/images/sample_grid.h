#pragma once

#include "widgets/images/tile_grid.h"

namespace widgets {

/// One picture of a data set with what it shows.
struct Sample {
    QImage image;
    QString label;
    /// Its number in the data set, for the tooltip and the signals' receiver.
    qint64 index = 0;
};

/// Sample pictures with their labels; the tile's number is the position in `samples`.
class SampleGrid : public TileGrid {
    Q_OBJECT

public:
    explicit SampleGrid(QWidget* parent = nullptr);

    void setSamples(std::vector<Sample> samples);
    [[nodiscard]] const Sample& sample(int position) const {
        return m_samples[static_cast<size_t>(position)];
    }
    [[nodiscard]] const std::vector<Sample>& samples() const { return m_samples; }

signals:
    /// Enter or double-click; the number in the data set.
    void sampleActivated(qint64 index);

private:
    std::vector<Sample> m_samples;
};

} // namespace widgets
