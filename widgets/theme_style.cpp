#include "widgets/text_role.h"

#include <QHash>

namespace widgets {
namespace {

// @name stands for a colour of the theme, @{kind} for the folder of its little pictures.
constexpr const char* kControls = R"(
QToolTip { background: @tip; color: @text; border: 1px solid @controlBorder; padding: 4px 6px; }
QPushButton { background: @button; color: @text; border: 1px solid @controlBorder; border-radius: 4px;
    padding: 5px 14px; min-height: 16px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed, QPushButton:checked { background: @pressed; }
QPushButton:focus { border: 2px solid @focus; padding: 4px 13px; }
QPushButton:disabled { color: @disabledText; border-color: @border; }
QPushButton:default { background: @accent; color: @accentText; border-color: @accent; }
QPushButton:default:focus { border-color: @text; }
QPushButton:default:disabled { background: @pressed; color: @disabledText; border-color: @border; }
QToolButton { background: transparent; border: 2px solid transparent; border-radius: 4px; padding: 3px; }
QToolButton:hover { background: @hover; }
QToolButton:pressed, QToolButton:checked, QToolButton:open { background: @pressed; }
QToolButton[quiet="true"]:checked { background: transparent; }
QToolButton[quiet="true"]:hover { background: @hover; }
QToolButton:focus { border-color: @focus; }
QToolButton:disabled { color: @disabledText; }
QToolButton[popupMode="1"] { padding-right: 14px; }
QToolButton::menu-button { border: none; width: 14px; }
QToolButton::menu-arrow, QToolButton::menu-indicator { image: url(:/style/@{kind}/down.svg); width: 8px; height: 8px; }
QToolButton[popupMode="2"] { padding-right: 18px; }
QToolButton::menu-indicator { subcontrol-origin: border; subcontrol-position: center right; right: 6px; }
QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit { background: @base; color: @text;
    border: 1px solid @controlBorder; border-radius: 4px; padding: 3px 6px;
    selection-background-color: @accent; selection-color: @accentText; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus {
    border: 2px solid @focus; padding: 2px 5px; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled { background: @window; color: @disabledText;
    border-color: @border; }
QLineEdit:read-only { background: @window; }
QAbstractSpinBox { padding-right: 20px; }
QAbstractSpinBox:focus { padding-right: 19px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 18px; border: none;
    background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 2px 2px 0 0; border-top-right-radius: 3px; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 2px 2px 0; border-bottom-right-radius: 3px; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @hover; }
QAbstractSpinBox::up-arrow { image: url(:/style/@{kind}/up.svg); width: 8px; height: 8px; }
QAbstractSpinBox::down-arrow { image: url(:/style/@{kind}/down.svg); width: 8px; height: 8px; }
QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::up-arrow:disabled { image: url(:/style/@{kind}/up-off.svg); }
QAbstractSpinBox::down-arrow:off, QAbstractSpinBox::down-arrow:disabled { image: url(:/style/@{kind}/down-off.svg); }
QComboBox { padding-right: 22px; }
QComboBox:focus { padding-right: 21px; }
QComboBox:hover { background: @comboHover; }
QComboBox::drop-down { subcontrol-origin: border; subcontrol-position: center right; width: 22px; border: none; }
QComboBox::down-arrow { image: url(:/style/@{kind}/down.svg); width: 10px; height: 10px; }
QComboBox::down-arrow:disabled { image: url(:/style/@{kind}/down-off.svg); }
QComboBox QAbstractItemView { background: @popup; border: 1px solid @controlBorder; padding: 2px;
    selection-background-color: @selection; selection-color: @selectionText; outline: none; }
QCheckBox, QRadioButton { spacing: 8px; border: 2px solid transparent; border-radius: 4px; padding: 1px; }
QCheckBox:focus, QRadioButton:focus { border-color: @focus; }
QCheckBox:disabled, QRadioButton:disabled { color: @disabledText; }
QCheckBox::indicator, QRadioButton::indicator, QGroupBox::indicator { width: 14px; height: 14px; background: @base;
    border: 1px solid @controlBorder; }
QCheckBox::indicator, QGroupBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 8px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: @accent; }
QCheckBox::indicator:checked, QGroupBox::indicator:checked { background: @accent; border-color: @accent;
    image: url(:/style/@{kind}/check.svg); }
QCheckBox::indicator:indeterminate { background: @accent; border-color: @accent; image: url(:/style/@{kind}/dash.svg); }
QRadioButton::indicator:checked { background: @accent; border-color: @accent; image: url(:/style/@{kind}/dot.svg); }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { background: @window; border-color: @border; }
QSlider { min-height: 24px; border: 2px solid transparent; border-radius: 4px; }
QSlider:focus { border-color: @focus; }
QSlider::groove:horizontal { height: 4px; background: @track; border-radius: 2px; }
QSlider::sub-page:horizontal { height: 4px; background: @accent; border-radius: 2px; }
QSlider::sub-page:horizontal:disabled { background: @track; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -6px 0; border-radius: 8px; background: @handle;
    border: 1px solid @controlBorder; }
QSlider::handle:horizontal:hover { border-color: @accent; }
QProgressBar { background: @track; border: none; border-radius: 3px; min-height: 6px; text-align: center; color: @text; }
QProgressBar[textVisible="false"] { max-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
)";

constexpr const char* kStructure = R"(
QDialogButtonBox, QMessageBox { dialogbuttonbox-buttons-have-icons: 0; }
QMainWindow::separator { background: @border; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: @accent; }
QSplitter::handle { background: @border; }
QSplitter::handle:horizontal { width: 1px; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:hover { background: @accent; }
QDockWidget { titlebar-close-icon: url(:/style/@{kind}/close.svg); titlebar-normal-icon: url(:/style/@{kind}/float.svg); }
QDockWidget::title { background: @window; color: @text; padding: 7px 8px; text-align: left;
    border-bottom: 1px solid @border; }
QDockWidget::close-button, QDockWidget::float-button { border: none; border-radius: 4px; padding: 2px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: @hover; }
QToolBar { background: @window; border: none; border-bottom: 1px solid @border; spacing: 2px; padding: 3px 6px; }
QToolBar::separator { background: @border; width: 1px; margin: 5px 6px; }
QStatusBar { background: @window; border-top: 1px solid @border; color: @mutedText; }
QStatusBar::item { border: none; }
QSizeGrip { image: none; width: 2px; height: 2px; }
QToolBar::handle { image: none; width: 4px; }
QMenuBar { background: @window; border-bottom: 1px solid @border; padding: 1px 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: @selection; color: @selectionText; }
QMenu { background: @popup; border: 1px solid @controlBorder; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 4px; }
QMenu::item:selected { background: @selection; color: @selectionText; }
QMenu::item:disabled { color: @disabledText; }
QMenu::icon { padding-left: 6px; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QMenu::indicator { width: 14px; height: 14px; margin-left: 6px; }
QMenu::indicator:checked { image: url(:/style/@{kind}/tick.svg); }
QTabWidget::pane { border: none; border-top: 1px solid @border; }
QTabBar { background: @window; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @mutedText; padding: 6px 12px; border: none;
    border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: @text; background: @hover; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { color: @text; background: @selection; }
QGroupBox { border: 1px solid @border; border-radius: 6px; margin-top: 9px; padding: 10px 8px 6px 8px; }
QGroupBox::title { subcontrol-origin: margin; left: 10px; padding: 0 4px; color: @text; }
QAbstractItemView { background: @base; alternate-background-color: @alternateBase; color: @text;
    selection-background-color: @selection; selection-color: @selectionText; border: none; outline: none; }
QAbstractItemView:focus { outline: none; }
QTreeView::item, QListView::item { border: 2px solid transparent; padding: 2px; border-radius: 3px; }
QTableView { gridline-color: @border; }
QTableView::item { border: 2px solid transparent; padding: 0 4px; }
QTreeView::item:hover, QListView::item:hover, QTableView::item:hover { background: @hover; color: @text; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: @selection;
    color: @selectionText; }
QTreeView::item:focus, QListView::item:focus, QTableView::item:focus { border-color: @focus; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: url(:/style/@{kind}/closed.svg); }
QTreeView::branch:has-children:open { image: url(:/style/@{kind}/open.svg); }
QHeaderView { background: @window; border: none; qproperty-highlightSections: false; }
QHeaderView::section { background: @window; color: @mutedText; border: none; border-bottom: 1px solid @border;
    border-right: 1px solid @border; padding: 5px 6px; }
QHeaderView::section:last { border-right: none; }
QTableCornerButton::section { background: @window; border: none; border-bottom: 1px solid @border; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @scroll; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @mutedText; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }
)";

QString kindName(ThemeKind kind) {
    switch (kind) {
    case ThemeKind::Light:
        return QStringLiteral("light");
    case ThemeKind::Dark:
        return QStringLiteral("dark");
    case ThemeKind::HighContrast:
        return QStringLiteral("contrast");
    }
    Q_UNREACHABLE();
}

QHash<QString, QColor> colorNames(const Theme& theme) {
    const bool isLight = theme.kind == ThemeKind::Light;
    return {
        {"window", theme.window},
        {"base", theme.base},
        {"alternateBase", theme.alternateBase},
        {"hover", theme.hover},
        {"pressed", theme.pressed},
        {"text", theme.text},
        {"mutedText", theme.mutedText},
        {"disabledText", theme.disabledText},
        {"border", theme.border},
        {"controlBorder", theme.controlBorder},
        {"accent", theme.accent},
        {"accentText", theme.accentText},
        {"selection", theme.selection},
        {"selectionText", theme.selectionText},
        {"focus", theme.focus},
        {"tip", isLight ? theme.panel : theme.hover},
        {"button", theme.panel},
        {"comboHover", theme.alternateBase},
        {"popup", theme.panel},
        {"track", theme.pressed},
        {"handle", isLight ? theme.panel : theme.text},
        {"scroll", isLight ? QColor(0xB9, 0xC0, 0xCB) : theme.controlBorder},
    };
}

} // namespace

QString Theme::styleSheet() const {
    const QHash<QString, QColor> colors = colorNames(*this);
    const QString rules =
        QString::fromLatin1(kControls) + QString::fromLatin1(kStructure) + textRoleRules(*this);
    QString sheet;
    sheet.reserve(rules.size());
    for (qsizetype i = 0; i < rules.size(); ++i) {
        if (rules[i] != u'@') {
            sheet += rules[i];
            continue;
        }
        if (rules[i + 1] == u'{') {
            i = rules.indexOf(u'}', i);
            sheet += kindName(kind);
            continue;
        }
        qsizetype end = i + 1;
        while (end < rules.size() && rules[end].isLetter()) {
            ++end;
        }
        const auto color = colors.constFind(rules.mid(i + 1, end - i - 1));
        Q_ASSERT(color != colors.constEnd());
        sheet += color->name();
        i = end - 1;
    }
    return sheet;
}

} // namespace widgets
