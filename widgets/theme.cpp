#include "widgets/theme.h"

#include <QApplication>
#include <QStyle>
#include <QStyleFactory>
#include <QToolTip>
#include <QWidget>
#include <cmath>

namespace widgets {
namespace {

double linear(double channel) {
    return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

} // namespace

const Theme& Theme::of(ThemeKind kind) {
    switch (kind) {
    case ThemeKind::Light:
        return light();
    case ThemeKind::Dark:
        return dark();
    case ThemeKind::HighContrast:
        return highContrast();
    }
    Q_UNREACHABLE();
}

const Theme& Theme::of(const QPalette& palette) {
    // Link is the role neither style sheets nor widgets change: it tells the themes apart.
    for (const ThemeKind kind : {ThemeKind::Light, ThemeKind::Dark, ThemeKind::HighContrast}) {
        if (palette.color(QPalette::Active, QPalette::Link) == of(kind).accent) {
            return of(kind);
        }
    }
    return of(systemThemeKind(palette));
}

const Theme& Theme::of(const QWidget* widget) {
    return of(widget->palette());
}

QColor Theme::categoryColor(QStringView name) const {
    for (std::size_t i = 0; i < kCategoryNames.size(); ++i) {
        if (name.compare(QLatin1String(kCategoryNames[i]), Qt::CaseInsensitive) == 0) {
            return categories[i];
        }
    }
    return mutedText;
}

QColor Theme::seriesColor(int index) const {
    return series[static_cast<std::size_t>(index) % series.size()];
}

QFont Theme::font(TextRole role, const QFont& baseFont) const {
    QFont font = baseFont;
    const double size = baseFont.pointSizeF() > 0 ? baseFont.pointSizeF() : 10.0;
    switch (role) {
    case TextRole::Title:
        font.setPointSizeF(size * 1.3);
        font.setWeight(QFont::DemiBold);
        break;
    case TextRole::Heading:
        font.setPointSizeF(size);
        font.setWeight(QFont::DemiBold);
        break;
    case TextRole::Body:
        break;
    case TextRole::Small:
        font.setPointSizeF(size * 0.88);
        break;
    case TextRole::Mono:
        font.setFamilies({QStringLiteral("DejaVu Sans Mono"), QStringLiteral("monospace")});
        font.setStyleHint(QFont::Monospace);
        font.setFixedPitch(true);
        break;
    }
    return font;
}

QPalette Theme::palette() const {
    QPalette palette;
    palette.setColor(QPalette::Window, window);
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, base);
    palette.setColor(QPalette::AlternateBase, alternateBase);
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::Button, panel);
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::BrightText, error);
    palette.setColor(QPalette::Highlight, accent);
    palette.setColor(QPalette::HighlightedText, accentText);
    palette.setColor(QPalette::Link, accent);
    palette.setColor(QPalette::LinkVisited, mutedText);
    palette.setColor(QPalette::ToolTipBase, isDark() ? hover : panel);
    palette.setColor(QPalette::ToolTipText, text);
    palette.setColor(QPalette::PlaceholderText, mutedText);
    palette.setColor(QPalette::Light, isDark() ? pressed : panel);
    palette.setColor(QPalette::Midlight, hover);
    palette.setColor(QPalette::Mid, border);
    palette.setColor(QPalette::Dark, controlBorder);
    palette.setColor(QPalette::Shadow, isDark() ? QColor(Qt::black) : controlBorder);
    for (const QPalette::ColorRole role :
         {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText}) {
        palette.setColor(QPalette::Disabled, role, disabledText);
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, hover);
    return palette;
}

double relativeLuminance(const QColor& color) {
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) +
           0.0722 * linear(color.blueF());
}

double contrastRatio(const QColor& a, const QColor& b) {
    const double first = relativeLuminance(a) + 0.05;
    const double second = relativeLuminance(b) + 0.05;
    return std::max(first, second) / std::min(first, second);
}

ThemeKind systemThemeKind(const QPalette& desktopPalette) {
    const bool isDark =
        relativeLuminance(desktopPalette.color(QPalette::Active, QPalette::Window)) <
        relativeLuminance(desktopPalette.color(QPalette::Active, QPalette::WindowText));
    return isDark ? ThemeKind::Dark : ThemeKind::Light;
}

ThemeKind resolvedTheme(ThemeChoice choice, const QPalette& desktopPalette) {
    switch (choice) {
    case ThemeChoice::System:
        return systemThemeKind(desktopPalette);
    case ThemeChoice::Light:
        return ThemeKind::Light;
    case ThemeChoice::Dark:
        return ThemeKind::Dark;
    case ThemeChoice::HighContrast:
        return ThemeKind::HighContrast;
    }
    Q_UNREACHABLE();
}

void applyTheme(QApplication& application, const Theme& theme) {
    if (application.style()->name() != QLatin1String("fusion")) {
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    }
    QApplication::setPalette(theme.palette());
    QToolTip::setPalette(theme.palette());
    application.setStyleSheet(theme.styleSheet());
}

} // namespace widgets
