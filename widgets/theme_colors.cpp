#include "widgets/theme.h"

namespace widgets {
namespace {

QColor rgb(unsigned value) {
    return QColor::fromRgb(static_cast<int>(value >> 16U & 0xFFU),
                           static_cast<int>(value >> 8U & 0xFFU), static_cast<int>(value & 0xFFU));
}

Theme lightTheme() {
    return {
        .kind = ThemeKind::Light,
        .window = rgb(0xF3F4F6),
        .panel = rgb(0xFFFFFF),
        .base = rgb(0xFFFFFF),
        .alternateBase = rgb(0xF8F9FB),
        .hover = rgb(0xE9ECF1),
        .pressed = rgb(0xDCE2EB),
        .text = rgb(0x1A1D23),
        .mutedText = rgb(0x58616E),
        .disabledText = rgb(0x9AA2AE),
        .border = rgb(0xDADEE5),
        .controlBorder = rgb(0x868E9B),
        .accent = rgb(0x2F5FD0),
        .accentText = rgb(0xFFFFFF),
        .selection = rgb(0xDBE5FB),
        .selectionText = rgb(0x1A1D23),
        .focus = rgb(0x2F5FD0),
        .error = rgb(0xB42318),
        .warning = rgb(0x8A5600),
        .info = rgb(0x2F5FD0),
        .success = rgb(0x1B7340),
        .errorFill = rgb(0xFDECEA),
        .warningFill = rgb(0xFFF4DF),
        .plotBackground = rgb(0xFFFFFF),
        .grid = rgb(0xE6E9EE),
        .plotAxis = rgb(0x6B7482),
        .canvas = rgb(0xF7F8FA),
        .canvasDot = rgb(0xD3D8E0),
        .card = rgb(0xFFFFFF),
        .cardHeader = rgb(0xF8F9FB),
        .cardBorder = rgb(0xC4CAD4),
        .cardShadow = QColor(20, 28, 44, 36),
        .wire = rgb(0x7B8593),
        .wireText = rgb(0x58616E),
        .notFinite = rgb(0xFF00FF),
        .tileBackground = rgb(0xEDEFF3),
        .series = {rgb(0x0072B2), rgb(0xD55E00), rgb(0x008F68), rgb(0xB5558D), rgb(0xA87000),
                   rgb(0x2B8CC8), rgb(0x857B00), rgb(0x1A1D23)},
        .categories = {rgb(0x5F6875), rgb(0x0072B2), rgb(0x2B8CC8), rgb(0xD55E00), rgb(0xA87000),
                       rgb(0x008F68), rgb(0xB5558D), rgb(0x857B00), rgb(0x3C4350), rgb(0x6F4BB2)},
    };
}

Theme darkTheme() {
    return {
        .kind = ThemeKind::Dark,
        .window = rgb(0x16181D),
        .panel = rgb(0x1C1F25),
        .base = rgb(0x121418),
        .alternateBase = rgb(0x181B20),
        .hover = rgb(0x282D35),
        .pressed = rgb(0x343B46),
        .text = rgb(0xE6E9EE),
        .mutedText = rgb(0x9DA6B3),
        .disabledText = rgb(0x5F6874),
        .border = rgb(0x2E333C),
        .controlBorder = rgb(0x6C7684),
        .accent = rgb(0x7DA6FF),
        .accentText = rgb(0x0E1628),
        .selection = rgb(0x2A3F6B),
        .selectionText = rgb(0xE6E9EE),
        .focus = rgb(0x7DA6FF),
        .error = rgb(0xFF8A80),
        .warning = rgb(0xF2B84B),
        .info = rgb(0x82B4FF),
        .success = rgb(0x5FCF96),
        .errorFill = rgb(0x3A1F20),
        .warningFill = rgb(0x3A2E17),
        .plotBackground = rgb(0x181B20),
        .grid = rgb(0x2A2F37),
        .plotAxis = rgb(0x8A94A3),
        .canvas = rgb(0x15171B),
        .canvasDot = rgb(0x2C3139),
        .card = rgb(0x22262D),
        .cardHeader = rgb(0x272C34),
        .cardBorder = rgb(0x3F4753),
        .cardShadow = QColor(0, 0, 0, 120),
        .wire = rgb(0x8A94A3),
        .wireText = rgb(0x9DA6B3),
        .notFinite = rgb(0xFF00FF),
        .tileBackground = rgb(0x262B33),
        .series = {rgb(0x5AA9E6), rgb(0xFF8A4C), rgb(0x35C79A), rgb(0xE08CBC), rgb(0xE9B13F),
                   rgb(0x8FD3F5), rgb(0xE6DB55), rgb(0xE6E9EE)},
        .categories = {rgb(0x9AA4B2), rgb(0x5AA9E6), rgb(0x8FD3F5), rgb(0xFF8A4C), rgb(0xE9B13F),
                       rgb(0x35C79A), rgb(0xE08CBC), rgb(0xE6DB55), rgb(0xD5DAE1), rgb(0xB7A1F2)},
    };
}

Theme highContrastTheme() {
    Theme theme = darkTheme();
    const QColor black = rgb(0x000000);
    const QColor white = rgb(0xFFFFFF);
    const QColor yellow = rgb(0xFFD60A);
    theme.kind = ThemeKind::HighContrast;
    theme.window = theme.panel = theme.base = theme.alternateBase = black;
    theme.hover = rgb(0x2B2B2B);
    theme.pressed = rgb(0x404040);
    theme.text = white;
    theme.mutedText = rgb(0xE0E0E0);
    theme.disabledText = rgb(0x8C8C8C);
    theme.border = rgb(0xB0B0B0);
    theme.controlBorder = white;
    theme.accent = theme.focus = theme.selection = yellow;
    theme.accentText = theme.selectionText = black;
    theme.error = rgb(0xFF9C94);
    theme.warning = rgb(0xFFC44D);
    theme.info = rgb(0x8FC3FF);
    theme.success = rgb(0x6BE3A6);
    theme.errorFill = theme.warningFill = black;
    theme.plotBackground = black;
    theme.grid = rgb(0x4A4A4A);
    theme.plotAxis = white;
    theme.canvas = black;
    theme.canvasDot = rgb(0x5A5A5A);
    theme.card = theme.cardHeader = black;
    theme.cardBorder = white;
    theme.cardShadow = QColor(0, 0, 0, 0);
    theme.wire = rgb(0xD0D0D0);
    theme.wireText = white;
    theme.tileBackground = rgb(0x303030);
    return theme;
}

} // namespace

const Theme& Theme::light() {
    static const Theme theme = lightTheme();
    return theme;
}

const Theme& Theme::dark() {
    static const Theme theme = darkTheme();
    return theme;
}

const Theme& Theme::highContrast() {
    static const Theme theme = highContrastTheme();
    return theme;
}

} // namespace widgets
