#include "widgets/images/sample_grid.h"

namespace widgets {

SampleGrid::SampleGrid(QWidget* parent) : TileGrid(parent) {
    setAccessibleName(tr("Sample images"));
    setEmptyText(tr("Choose a data set to see its images."));
    setExportName(QStringLiteral("samples"));
    setMinimumTileSide(56);
    setTipProvider([this](int position) {
        const Sample& one = sample(position);
        return tr("image %1 · %2").arg(one.index).arg(one.label);
    });
    connect(this, &TileGrid::tileActivated, this,
            [this](int position) { emit sampleActivated(sample(position).index); });
}

void SampleGrid::setSamples(std::vector<Sample> samples) {
    m_samples = std::move(samples);
    std::vector<QImage> tiles;
    QStringList captions;
    for (const Sample& one : m_samples) {
        tiles.push_back(one.image);
        captions += one.label;
    }
    setCaptions(captions);
    setTiles(std::move(tiles));
}

} // namespace widgets
