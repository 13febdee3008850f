#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QStringView>
#include <array>

class QApplication;
class QWidget;

namespace widgets {

enum class ThemeKind { Light, Dark, HighContrast };

/// What the user chooses; System follows the desktop (see systemThemeKind()).
enum class ThemeChoice { System, Light, Dark, HighContrast };

/// The roles of text; sizes derive from the application's base font (Theme::font).
enum class TextRole { Title, Heading, Body, Small, Mono };

/// Distances in logical pixels, on the 8-pixel grid (half steps for tight pairs).
namespace spacing {
inline constexpr int kHairline = 1;
inline constexpr int kTight = 4;
inline constexpr int kUnit = 8;
inline constexpr int kWide = 16;
inline constexpr int kSection = 24;
inline constexpr int kRadius = 4;
inline constexpr int kCardRadius = 8;
inline constexpr int kFocusWidth = 2;
inline constexpr int kIcon = 16;
inline constexpr int kToolIcon = 20;
} // namespace spacing

/// Every colour the program draws with: a value, one for each ThemeKind.
///
/// How a theme reaches a widget: the palette is the channel. applyTheme() sets the application's
/// palette; Qt hands it to every widget and sends QEvent::PaletteChange. A widget with own painting
/// asks `Theme::of(this)` when it paints, or calls its setTheme(Theme::of(this)) in its constructor
/// and in changeEvent(PaletteChange). No registration, no forwarding, no global object; a widget
/// made later starts with the right colours.
struct Theme {
    ThemeKind kind = ThemeKind::Light;

    QColor window;        ///< behind panels, tool bars, docks
    QColor panel;         ///< surface of panels
    QColor base;          ///< fields, lists, tables
    QColor alternateBase; ///< every second row
    QColor hover;         ///< below the pointer
    QColor pressed;       ///< held down, checked
    QColor text;
    QColor mutedText;     ///< captions, units, hints (still >= 4.5:1)
    QColor disabledText;  ///< not for information
    QColor border;        ///< separators
    QColor controlBorder; ///< edges of fields and buttons (>= 3:1)

    QColor accent;
    QColor accentText; ///< on accent
    QColor selection;  ///< selected rows
    QColor selectionText;
    QColor focus;

    QColor error;
    QColor warning;
    QColor info;
    QColor success;
    QColor errorFill; ///< quiet background behind text of an error
    QColor warningFill;

    QColor plotBackground;
    QColor grid;
    QColor plotAxis;

    QColor canvas;
    QColor canvasDot;
    QColor card;
    QColor cardHeader;
    QColor cardBorder;
    QColor cardShadow; ///< with alpha
    QColor wire;
    QColor wireText;

    QColor notFinite; ///< NaN and infinity in images
    QColor tileBackground;

    /// Okabe-Ito, each moved in lightness until it stands >= 3:1 on plotBackground.
    std::array<QColor, 8> series;
    /// In the order of kCategoryNames; >= 3:1 on card.
    std::array<QColor, 10> categories;

    [[nodiscard]] bool isDark() const { return kind != ThemeKind::Light; }

    /// Colour of a layer category by its name ("convolution", any case); mutedText when unknown.
    [[nodiscard]] QColor categoryColor(QStringView name) const;
    /// Colour of series i, repeating after the last.
    [[nodiscard]] QColor seriesColor(int index) const;
    /// The font of a role, derived from the application's (usually QApplication::font()).
    [[nodiscard]] QFont font(TextRole role, const QFont& baseFont) const;
    [[nodiscard]] QPalette palette() const;
    /// Rules only for what a palette cannot say: flat tool buttons, tabs, headers, docks, scroll
    /// bars, focus.
    [[nodiscard]] QString styleSheet() const;

    [[nodiscard]] static const Theme& light();
    [[nodiscard]] static const Theme& dark();
    [[nodiscard]] static const Theme& highContrast();
    [[nodiscard]] static const Theme& of(ThemeKind kind);
    /// The theme a widget was given through its palette.
    [[nodiscard]] static const Theme& of(const QWidget* widget);
    /// The theme this palette came from; for a foreign palette the one of like lightness.
    [[nodiscard]] static const Theme& of(const QPalette& palette);
};

/// Names of Theme::categories in their order.
inline constexpr std::array<const char*, 10> kCategoryNames = {
    "input",         "convolution",    "pooling",   "core",    "activation",
    "normalization", "regularization", "reshaping", "merging", "augmentation"};

/// WCAG 2 contrast ratio, 1 to 21.
[[nodiscard]] double contrastRatio(const QColor& a, const QColor& b);
/// WCAG 2 relative luminance, 0 to 1.
[[nodiscard]] double relativeLuminance(const QColor& color);

/// What the desktop asks for: the lightness of the palette the application started with.
[[nodiscard]] ThemeKind systemThemeKind(const QPalette& desktopPalette);
[[nodiscard]] ThemeKind resolvedTheme(ThemeChoice choice, const QPalette& desktopPalette);

/// Fusion style, palette and style sheet for the whole program; may be called again at any time.
void applyTheme(QApplication& application, const Theme& theme);

} // namespace widgets
