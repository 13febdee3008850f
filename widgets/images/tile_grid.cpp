#include "widgets/images/tile_grid.h"

#include <QEvent>
#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr int kGap = 6;
constexpr int kMargin = spacing::kUnit;
constexpr int kMaximumSide = 168;
constexpr int kMaximumCaption = 104;
constexpr int kMaximumUp = 32;
constexpr int kMaximumDown = 16;

} // namespace

TileGrid::TileGrid(QWidget* parent) : QAbstractScrollArea(parent), m_theme(Theme::of(this)) {
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setMouseTracking(true);
    verticalScrollBar()->setSingleStep(24);
    setAccessibleName(tr("Pictures"));
}

void TileGrid::setTiles(std::vector<QImage> tiles) {
    const bool isAlike = tiles.size() == m_tiles.size() &&
                         (tiles.empty() || tiles.front().size() == m_tiles.front().size());
    m_tiles = std::move(tiles);
    if (!isAlike) {
        m_hovered = -1;
        m_current = std::min(m_current, count() - 1);
        relayout();
        announceCurrent();
    }
    viewport()->update();
}

void TileGrid::clear() {
    m_captions.clear();
    setTiles({});
}

void TileGrid::setCaptions(QStringList captions) {
    if (captions != m_captions) {
        m_captions = std::move(captions);
        const QFontMetrics metrics(m_theme.font(TextRole::Small, font()));
        m_captionWidth = 0;
        for (const QString& caption : m_captions) {
            m_captionWidth = std::max(m_captionWidth, metrics.horizontalAdvance(caption));
        }
        m_captionWidth = std::min(m_captionWidth, kMaximumCaption);
        relayout();
        viewport()->update();
    }
}

void TileGrid::setTipProvider(std::function<QString(int)> provider) {
    m_tip = std::move(provider);
}

void TileGrid::setEmptyText(const QString& text) {
    m_emptyText = text;
    setAccessibleDescription(m_tiles.empty() ? text : QString());
    viewport()->update();
}

void TileGrid::setMinimumTileSide(int pixels) {
    m_minimumSide = std::max(1, pixels);
    relayout();
}

void TileGrid::setExportName(const QString& name) {
    m_exportName = name;
}

void TileGrid::setTheme(const Theme& theme) {
    m_theme = theme;
    viewport()->update();
}

void TileGrid::setCurrentTile(int index) {
    const int next = m_tiles.empty() ? -1 : std::clamp(index, 0, count() - 1);
    if (next == m_current) {
        return;
    }
    m_current = next;
    if (next >= 0) {
        const QRect rect = tileRect(next);
        if (rect.top() < kMargin) {
            verticalScrollBar()->setValue(verticalScrollBar()->value() + rect.top() - kMargin);
        } else if (rect.bottom() + captionHeight() > viewport()->height() - kMargin) {
            verticalScrollBar()->setValue(verticalScrollBar()->value() + rect.bottom() +
                                          captionHeight() - viewport()->height() + kMargin);
        }
    }
    announceCurrent();
    viewport()->update();
    emit currentTileChanged(m_current);
}

QSize TileGrid::pictureSize() const {
    if (m_tiles.empty()) {
        return {};
    }
    const QSize size = m_tiles.front().size();
    return {std::max(1, size.width() * m_up / m_down), std::max(1, size.height() * m_up / m_down)};
}

int TileGrid::captionHeight() const {
    return m_captions.isEmpty() ? 0
                                : QFontMetrics(m_theme.font(TextRole::Small, font())).height() + 2;
}

int TileGrid::columnsAt(QSize picture) const {
    const int room = viewport()->width() - 2 * kMargin + kGap;
    return std::max(1, room / (cellWidth(picture) + kGap));
}

int TileGrid::cellWidth(QSize picture) const {
    return std::max(picture.width(), m_captionWidth);
}

int TileGrid::contentHeight() const {
    const int rows = (count() + m_columns - 1) / m_columns;
    return rows * (pictureSize().height() + captionHeight() + kGap) - kGap + 2 * kMargin;
}

bool TileGrid::tryScale(int up, int down) {
    m_up = up;
    m_down = down;
    m_columns = std::min(columnsAt(pictureSize()), count());
    return contentHeight() <= viewport()->height();
}

// From large to small: the first factor at which all is seen at once, else the least allowed.
void TileGrid::chooseScale() {
    const QSize size = m_tiles.front().size();
    const int side = std::max(size.width(), size.height());
    for (int up = std::clamp(kMaximumSide / side, 1, kMaximumUp); up >= 1; --up) {
        const bool isLeast = side * (up - 1) < m_minimumSide;
        if (side * up <= kMaximumSide && (tryScale(up, 1) || (isLeast && up > 1))) {
            return;
        }
    }
    bool isTried = side <= kMaximumSide;
    for (int down = 2; down <= kMaximumDown && (!isTried || side / down >= m_minimumSide); ++down) {
        if (side / down <= kMaximumSide || down == kMaximumDown) {
            isTried = true;
            if (tryScale(1, down)) {
                return;
            }
        }
    }
}

void TileGrid::relayout() {
    if (m_tiles.empty()) {
        verticalScrollBar()->setRange(0, 0);
        return;
    }
    chooseScale();
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setRange(0, std::max(0, contentHeight() - viewport()->height()));
}

QRect TileGrid::tileRect(int index) const {
    const QSize size = pictureSize();
    const int row = index / m_columns;
    const int column = index % m_columns;
    const int cell = cellWidth(size);
    return {QPoint(kMargin + column * (cell + kGap) + (cell - size.width()) / 2,
                   kMargin + row * (size.height() + captionHeight() + kGap) -
                       verticalScrollBar()->value()),
            size};
}

int TileGrid::tileAt(QPoint position) const {
    if (m_tiles.empty()) {
        return -1;
    }
    const QSize size = pictureSize();
    const int x = position.x() - kMargin;
    const int y = position.y() - kMargin + verticalScrollBar()->value();
    if (x < 0 || y < 0) {
        return -1;
    }
    const int column = x / (cellWidth(size) + kGap);
    const int row = y / (size.height() + captionHeight() + kGap);
    const int index = row * m_columns + column;
    const bool isInside = column < m_columns && index < count() &&
                          tileRect(index).adjusted(0, 0, 0, captionHeight()).contains(position);
    return isInside ? index : -1;
}

QString TileGrid::tipOf(int index) const {
    return m_tip ? m_tip(index) : m_captions.value(index);
}

void TileGrid::announceCurrent() {
    if (m_current < 0) {
        setAccessibleDescription(m_emptyText);
    } else {
        setAccessibleDescription(
            tr("%1 of %2: %3").arg(m_current + 1).arg(count()).arg(tipOf(m_current)));
    }
}

QImage TileGrid::sheet() const {
    if (m_tiles.empty()) {
        return {};
    }
    const QSize size = pictureSize();
    const int rows = (count() + m_columns - 1) / m_columns;
    QImage image(m_columns * (size.width() + kGap) + kGap, rows * (size.height() + kGap) + kGap,
                 QImage::Format_RGB32);
    image.fill(m_theme.tileBackground);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::SmoothPixmapTransform, m_down > 1);
    for (int i = 0; i < count(); ++i) {
        const QPoint corner(kGap + i % m_columns * (size.width() + kGap),
                            kGap + i / m_columns * (size.height() + kGap));
        painter.drawImage(QRect(corner, size), tile(i));
    }
    return image;
}

QSize TileGrid::sizeHint() const {
    return {320, 240};
}

QSize TileGrid::minimumSizeHint() const {
    return {96, 72};
}

void TileGrid::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.fillRect(event->rect(), m_theme.panel);
    if (m_tiles.empty()) {
        painter.setPen(m_theme.mutedText);
        painter.drawText(viewport()->rect().adjusted(16, 16, -16, -16),
                         Qt::AlignCenter | Qt::TextWordWrap, m_emptyText);
        return;
    }
    painter.setRenderHint(QPainter::SmoothPixmapTransform, m_down > 1);
    const int pitch = pictureSize().height() + captionHeight() + kGap;
    const int first = std::max(0, (verticalScrollBar()->value() - kMargin) / pitch);
    const int last = (verticalScrollBar()->value() + viewport()->height()) / pitch;
    const int end = std::min(count(), (last + 1) * m_columns);
    for (int i = first * m_columns; i < end; ++i) {
        paintTile(painter, i);
    }
}

void TileGrid::paintTile(QPainter& painter, int index) const {
    const QRect rect = tileRect(index);
    painter.drawImage(rect, tile(index));
    painter.setBrush(Qt::NoBrush);
    painter.setPen(m_theme.border);
    painter.drawRect(rect.adjusted(-1, -1, 0, 0));
    if (index == m_hovered || index == m_current) {
        const bool isRing = index == m_hovered || hasFocus();
        const QColor color = isRing ? m_theme.focus : m_theme.mutedText;
        painter.setPen(QPen(color, isRing ? spacing::kFocusWidth : 1));
        painter.drawRect(rect.adjusted(-2, -2, 1, 1));
    }
    const QString caption = m_captions.value(index);
    if (!caption.isEmpty()) {
        const QFont small = m_theme.font(TextRole::Small, font());
        painter.setFont(small);
        painter.setPen(index == m_current ? m_theme.text : m_theme.mutedText);
        const int cell = cellWidth(rect.size());
        const QRect place(rect.center().x() - cell / 2, rect.bottom() + 2, cell, captionHeight());
        painter.drawText(place, Qt::AlignHCenter | Qt::AlignTop,
                         QFontMetrics(small).elidedText(caption, Qt::ElideRight, place.width()));
    }
}

void TileGrid::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    relayout();
}

void TileGrid::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    if (m_current < 0) {
        setCurrentTile(0);
    }
    viewport()->update();
}

void TileGrid::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void TileGrid::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        setTheme(Theme::of(this));
    }
}

} // namespace widgets
