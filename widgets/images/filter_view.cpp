#include "widgets/images/filter_view.h"

#include "widgets/images/color_scale.h"
#include "widgets/images/tile_grid.h"
#include "widgets/panel_header.h"

#include <QComboBox>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace widgets {
namespace {

constexpr int kAsColor = -1;
constexpr int kMinimumTile = 32;

QString askForLayer() {
    return FilterView::tr("Select a convolution layer to see its filters.");
}

} // namespace

FilterView::FilterView(QWidget* parent)
    : QWidget(parent), m_header(new PanelHeader(this)), m_channel(new QComboBox(this)),
      m_grid(new TileGrid(this)), m_scale(new ColorScale(this)) {
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_header);
    column->addWidget(m_grid, 1);
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(spacing::kUnit, 0, spacing::kUnit, spacing::kTight);
    foot->addWidget(m_scale);
    column->addLayout(foot);
    m_header->addControl(m_channel);
    usePanelSurface(this);

    setAccessibleName(tr("Filters"));
    m_grid->setAccessibleName(tr("Filters"));
    m_grid->setObjectName(QStringLiteral("filterGrid"));
    m_grid->setMinimumTileSide(kMinimumTile);
    m_grid->setTipProvider([this](int output) { return tipOf(output); });
    m_channel->setObjectName(QStringLiteral("inputChannel"));
    m_channel->setAccessibleName(tr("Input channel"));
    m_channel->setToolTip(tr("Which input channel's part of each filter is shown"));
    connect(m_grid, &TileGrid::tileActivated, this, &FilterView::filterActivated);
    connect(m_channel, &QComboBox::currentIndexChanged, this, [this] {
        showTiles();
        emit inputChannelChanged(inputChannel());
    });
    clear();
}

void FilterView::setKernel(const QString& layerName, const nn::Tensor& kernel) {
    const nn::Shape& shape = kernel.shape();
    if (shape.rank() != 4 || kernel.isEmpty()) {
        clear(tr("%1 has no filters: select a convolution layer.").arg(layerName));
        return;
    }
    const KernelExtent extent = {static_cast<int>(shape[0]), static_cast<int>(shape[1]),
                                 static_cast<int>(shape[2]), static_cast<int>(shape[3])};
    const bool isOther = isEmpty() || !(extent == m_extent) || layerName != m_layerName;
    const std::span<const float> values = kernel.values();
    m_kernel.assign(values.begin(), values.end());
    m_range = zeroCentred(finiteRange(values));
    if (isOther) {
        m_extent = extent;
        m_layerName = layerName;
        m_header->setTitle(layerName);
        m_header->setDetail(
            tr("filters: %1 · %2×%3").arg(extent.outputs).arg(extent.height).arg(extent.width));
        m_grid->setExportName(layerName + QStringLiteral("-filters"));
        fillChannels();
    }
    m_scale->setVisible(true);
    showTiles();
}

void FilterView::clear(const QString& reason) {
    m_kernel.clear();
    m_extent = {};
    m_layerName.clear();
    m_header->setTitle(tr("Filters"));
    m_header->setDetail({});
    m_channel->setVisible(false);
    m_scale->setVisible(false);
    m_grid->clear();
    m_grid->setEmptyText(reason.isEmpty() ? askForLayer() : reason);
}

void FilterView::setTheme(const Theme& theme) {
    setPalette(theme.palette());
}

int FilterView::inputChannel() const {
    return m_channel->currentIndex() < 0 ? 0 : m_channel->currentData().toInt();
}

void FilterView::setInputChannel(int channel) {
    m_channel->setCurrentIndex(m_channel->findData(channel));
}

QString FilterView::scaleText() const {
    return m_scale->text();
}

void FilterView::fillChannels() {
    const QSignalBlocker blocker(m_channel);
    m_channel->clear();
    if (m_extent.inputs == 3) {
        m_channel->addItem(tr("As RGB"), kAsColor);
    }
    for (int i = 0; i < m_extent.inputs; ++i) {
        m_channel->addItem(tr("Input channel %1").arg(i), i);
    }
    m_channel->setVisible(m_extent.inputs > 1);
}

std::array<PlaneView, 3> FilterView::colorPlanes(int output) const {
    return {filterOf(m_kernel, m_extent, {0, output}), filterOf(m_kernel, m_extent, {1, output}),
            filterOf(m_kernel, m_extent, {2, output})};
}

void FilterView::showTiles() {
    if (isEmpty()) {
        return;
    }
    const int channel = inputChannel();
    std::vector<QImage> tiles;
    tiles.reserve(static_cast<std::size_t>(m_extent.outputs));
    for (int output = 0; output < m_extent.outputs; ++output) {
        tiles.push_back(channel == kAsColor
                            ? rgbImage(colorPlanes(output), m_range)
                            : planeImage(filterOf(m_kernel, m_extent, {channel, output}), m_range,
                                         colorMap(ColorMapName::BlueWhiteRed)));
    }
    m_grid->setTiles(std::move(tiles));
    if (channel == kAsColor) {
        m_scale->setScale(ColorMapName::Gray, m_range, tr("each of R, G, B, shared scale"));
    } else {
        m_scale->setScale(ColorMapName::BlueWhiteRed, m_range, tr("shared scale"));
    }
}

QString FilterView::tipOf(int output) const {
    if (output < 0 || output >= m_extent.outputs) {
        return {};
    }
    const int channel = inputChannel();
    ValueRange range = finiteRange(filterOf(m_kernel, m_extent, {std::max(0, channel), output}));
    if (channel == kAsColor) {
        for (const PlaneView& plane : colorPlanes(output)) {
            const ValueRange one = finiteRange(plane);
            range = {std::min(range.low, one.low), std::max(range.high, one.high)};
        }
    }
    return tr("filter %1 · min %2 max %3")
        .arg(output)
        .arg(numberText(range.low), numberText(range.high));
}

} // namespace widgets
