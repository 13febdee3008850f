#include "widgets/icons.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

namespace widgets {
namespace {

struct IconColors {
    QColor normal;
    QColor disabled;
    QColor checked;
};

QString iconPath(QStringView name) {
    return QStringLiteral(":/icons/%1.svg").arg(name);
}

QByteArray tintedSource(const QByteArray& source, const QColor& color) {
    QByteArray tinted = source;
    tinted.replace("currentColor", color.name().toLatin1());
    return tinted;
}

/// Draws one SVG file whose strokes say "currentColor" in the colour of the moment.
class LineIconEngine : public QIconEngine {
public:
    LineIconEngine(QString name, QByteArray source, IconColors colors)
        : m_name(std::move(name)), m_source(std::move(source)), m_colors(colors) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode,
               QIcon::State state) override {
        QSvgRenderer renderer(tintedSource(m_source, colorOf(mode, state)));
        renderer.setAspectRatioMode(Qt::KeepAspectRatio);
        renderer.render(painter, QRectF(rect));
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
        const QColor color = colorOf(mode, state);
        const QString key = QStringLiteral("icon:%1:%2:%3x%4")
                                .arg(m_name, color.name())
                                .arg(size.width())
                                .arg(size.height());
        QPixmap pixmap;
        if (QPixmapCache::find(key, &pixmap)) {
            return pixmap;
        }
        pixmap = QPixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(0, 0), size), mode, state);
        painter.end();
        QPixmapCache::insert(key, pixmap);
        return pixmap;
    }

    QIconEngine* clone() const override { return new LineIconEngine(*this); }
    bool isNull() override { return m_source.isEmpty(); }
    QString iconName() override { return m_name; }

private:
    [[nodiscard]] QColor colorOf(QIcon::Mode mode, QIcon::State state) const {
        if (mode == QIcon::Disabled) {
            return m_colors.disabled;
        }
        return state == QIcon::On ? m_colors.checked : m_colors.normal;
    }

    QString m_name;
    QByteArray m_source;
    IconColors m_colors;
};

QIcon lineIcon(QStringView name, const IconColors& colors) {
    QFile file(iconPath(name));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    return QIcon(new LineIconEngine(name.toString(), file.readAll(), colors));
}

} // namespace

QIcon icon(QStringView name, const Theme& theme) {
    return lineIcon(
        name, {.normal = theme.text, .disabled = theme.disabledText, .checked = theme.accent});
}

QIcon icon(QStringView name, const QColor& color) {
    return lineIcon(name, {.normal = color, .disabled = color, .checked = color});
}

QPixmap iconPixmap(QStringView name, const QColor& color, int extent, qreal devicePixelRatio) {
    return icon(name, color).pixmap(QSize(extent, extent), devicePixelRatio);
}

bool hasIcon(QStringView name) {
    return QFile::exists(iconPath(name));
}

QIcon applicationIcon() {
    return QIcon(QStringLiteral(":/icons/receptive.svg"));
}

} // namespace widgets
