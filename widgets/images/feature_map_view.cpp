#include "widgets/images/feature_map_view.h"

#include "widgets/images/color_scale.h"
#include "widgets/images/prediction_bars.h"
#include "widgets/images/tile_grid.h"
#include "widgets/panel_header.h"
#include "widgets/text_role.h"

#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>

namespace widgets {
namespace {

constexpr int kSideWidth = 208;
constexpr int kInputSide = 112;
constexpr int kMinimumMap = 40;
constexpr int kUnitSide = 18;

/// Without the batch axis: (height, width, channels), a vector as that many 1×1 maps.
ImageExtent extentOf(const nn::Shape& shape) {
    const std::vector<std::int64_t>& all = shape.extents();
    const std::size_t skip = (all.size() == 4 || all.size() == 2) && all.front() == 1 ? 1 : 0;
    const auto at = [&](std::size_t i) { return static_cast<int>(all[skip + i]); };
    switch (all.size() - skip) {
    case 1:
        return {1, 1, at(0)};
    case 2:
        return {at(0), at(1), 1};
    case 3:
        return {at(0), at(1), at(2)};
    }
    return {0, 0, 0};
}

} // namespace

FeatureMapView::FeatureMapView(QWidget* parent)
    : QWidget(parent), m_header(new PanelHeader(this)), m_scaleChoice(new QComboBox(this)),
      m_grid(new TileGrid(this)), m_scale(new ColorScale(this)) {
    auto* main = new QVBoxLayout;
    main->setSpacing(0);
    main->addWidget(m_header);
    main->addWidget(m_grid, 1);
    auto* foot = new QHBoxLayout;
    foot->setContentsMargins(spacing::kUnit, 0, spacing::kUnit, spacing::kTight);
    foot->addWidget(m_scale);
    main->addLayout(foot);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(makeSide());
    row->addLayout(main, 1);
    usePanelSurface(this);

    setAccessibleName(tr("Feature maps"));
    m_scaleChoice->setObjectName(QStringLiteral("mapScale"));
    m_scaleChoice->setAccessibleName(tr("Scale of the maps"));
    m_scaleChoice->setToolTip(
        tr("Scale each map by its own lowest and highest value, or all alike"));
    m_scaleChoice->addItem(tr("Scale each map"), static_cast<int>(MapScale::PerMap));
    m_scaleChoice->addItem(tr("Shared scale"), static_cast<int>(MapScale::Shared));
    m_header->addControl(m_scaleChoice);
    m_grid->setObjectName(QStringLiteral("mapGrid"));
    m_grid->setAccessibleName(tr("Feature maps"));
    m_grid->setTipProvider([this](int channel) { return tipOf(channel); });
    connect(m_grid, &TileGrid::tileActivated, this, &FeatureMapView::channelActivated);
    connect(m_grid, &TileGrid::tileHovered, this, &FeatureMapView::channelHovered);
    connect(m_scaleChoice, &QComboBox::currentIndexChanged, this, [this] {
        showTiles();
        emit mapScaleChanged(mapScale());
    });
    clear();
}

QWidget* FeatureMapView::makeSide() {
    m_side = new QWidget(this);
    m_side->setFixedWidth(kSideWidth);
    m_input = new QLabel(m_side);
    m_input->setAccessibleName(tr("Input image"));
    m_input->setFixedSize(kInputSide, kInputSide);
    m_input->setAlignment(Qt::AlignCenter);
    m_inputCaption = new QLabel(m_side);
    m_inputCaption->setTextFormat(Qt::PlainText);
    m_inputCaption->setWordWrap(true);
    setTextRole(m_inputCaption, TextRole::Small);
    m_bars = new PredictionBars(m_side);
    auto* column = new QVBoxLayout(m_side);
    column->setContentsMargins(spacing::kUnit, spacing::kUnit, spacing::kUnit, spacing::kUnit);
    column->setSpacing(spacing::kTight);
    column->addWidget(m_input);
    column->addWidget(m_inputCaption);
    column->addSpacing(spacing::kTight);
    column->addWidget(m_bars, 1);
    return m_side;
}

void FeatureMapView::setMaps(const QString& layerName, const nn::Tensor& maps) {
    const ImageExtent extent = extentOf(maps.shape());
    if (maps.isEmpty() || extent.channels == 0) {
        clear(tr("%1 has no maps that can be shown as pictures.").arg(layerName));
        return;
    }
    const std::span<const float> values = maps.values();
    m_values.assign(values.begin(), values.end());
    if (!(extent == m_extent) || layerName != m_layerName) {
        m_extent = extent;
        m_layerName = layerName;
        m_header->setTitle(layerName);
        m_header->setDetail(isUnits() ? tr("units: %1").arg(extent.channels)
                                      : tr("%1×%2 · channels: %3")
                                            .arg(extent.height)
                                            .arg(extent.width)
                                            .arg(extent.channels));
        m_grid->setMinimumTileSide(isUnits() ? kUnitSide : kMinimumMap);
        m_grid->setExportName(layerName + QStringLiteral("-maps"));
    }
    m_scaleChoice->setVisible(!isUnits());
    m_scale->setVisible(true);
    showTiles();
}

void FeatureMapView::setInput(const QImage& image, const QString& caption) {
    if (image == m_inputImage && caption == m_inputCaption->text()) {
        return; // The usual case while a network trains.
    }
    m_inputImage = image;
    m_inputCaption->setText(caption);
    m_input->setAccessibleDescription(caption);
    showInput();
}

void FeatureMapView::setPrediction(const QStringList& names, std::span<const float> probabilities,
                                   int trueClass) {
    m_bars->setPrediction(names, probabilities, trueClass);
}

void FeatureMapView::clearPrediction(const QString& reason) {
    m_bars->clear(reason);
}

void FeatureMapView::clear(const QString& reason) {
    m_values.clear();
    m_extent = {};
    m_layerName.clear();
    m_header->setTitle(tr("Feature maps"));
    m_header->setDetail({});
    m_scaleChoice->setVisible(false);
    m_scale->setVisible(false);
    m_grid->clear();
    m_grid->setEmptyText(
        reason.isEmpty() ? tr("Select a layer to see what it makes of the chosen image.") : reason);
    showInput();
}

void FeatureMapView::setTheme(const Theme& theme) {
    setPalette(theme.palette());
}

MapScale FeatureMapView::mapScale() const {
    return static_cast<MapScale>(m_scaleChoice->currentData().toInt());
}

void FeatureMapView::setMapScale(MapScale scale) {
    m_scaleChoice->setCurrentIndex(m_scaleChoice->findData(static_cast<int>(scale)));
}

QString FeatureMapView::scaleText() const {
    return m_scale->text();
}

void FeatureMapView::showTiles() {
    if (isEmpty()) {
        return;
    }
    const bool isShared = isUnits() || mapScale() == MapScale::Shared;
    const ValueRange shared = isShared ? finiteRange(m_values) : ValueRange{};
    const std::vector<ValueRange> ranges =
        isShared ? std::vector<ValueRange>(static_cast<std::size_t>(m_extent.channels), shared)
                 : channelRanges(m_values, m_extent);
    m_grid->setTiles(channelImages(m_values, m_extent, ranges, colorMap(ColorMapName::Viridis)));
    if (isShared) {
        m_scale->setScale(ColorMapName::Viridis, shared, tr("shared scale"));
    } else {
        m_scale->setRelativeScale(ColorMapName::Viridis, tr("each map from its own min to max"));
    }
}

void FeatureMapView::showInput() {
    m_side->setVisible(!m_inputImage.isNull());
    if (m_inputImage.isNull()) {
        return;
    }
    const double ratio = devicePixelRatioF();
    const QSize room = QSize(kInputSide, kInputSide) * ratio;
    const bool isSmall =
        m_inputImage.width() <= room.width() && m_inputImage.height() <= room.height();
    QPixmap pixmap = QPixmap::fromImage(m_inputImage.scaled(
        room, Qt::KeepAspectRatio, isSmall ? Qt::FastTransformation : Qt::SmoothTransformation));
    pixmap.setDevicePixelRatio(ratio);
    QPainter painter(&pixmap);
    painter.setPen(Theme::of(this).border);
    painter.drawRect(QRectF(0.5, 0.5, pixmap.width() / ratio - 1, pixmap.height() / ratio - 1));
    painter.end();
    m_input->setPixmap(pixmap);
}

QString FeatureMapView::tipOf(int channel) const {
    if (channel < 0 || channel >= m_extent.channels) {
        return {};
    }
    const ValueRange range = finiteRange(channelOf(m_values, m_extent, channel));
    if (isUnits()) {
        const double value = m_values[static_cast<std::size_t>(channel)];
        return tr("unit %1 · %2").arg(channel).arg(numberText(value));
    }
    return tr("channel %1 · min %2 max %3")
        .arg(channel)
        .arg(numberText(range.low), numberText(range.high));
}

void FeatureMapView::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        showInput();
    }
}

} // namespace widgets
