#pragma once

#include "widgets/theme.h"

#include <QKeySequence>
#include <QObject>
#include <array>
#include <map>
#include <span>

class QAction;

namespace app {

enum class ActionId {
    New,
    Open,
    Save,
    SaveAs,
    ClearRecent,
    Quit,
    Undo,
    Redo,
    Cut,
    Copy,
    Paste,
    Duplicate,
    Delete,
    SelectAll,
    FindLayer,
    Connect,
    Arrange,
    Preferences,
    Design,
    Data,
    Train,
    Inspect,
    ZoomIn,
    ZoomOut,
    ZoomActual,
    ZoomFit,
    ShowKerasCode,
    ResetLayout,
    OpenDataFile,
    OpenDataFolder,
    FitNetworkToData,
    StartTraining,
    NewRun,
    RescueRun,
    PauseTraining,
    StepTraining,
    StopTraining,
    ResetWeights,
    CopySummary,
    CopySummaryKeras2,
    CopySummaryCsv,
    LayerHelp,
    Shortcuts,
    About,
};

enum class MenuId { File, Edit, View, Data, Train, Help };

/// Everything there is to say about one action; menus, tool bars and the list of shortcuts come
/// from the table of these.
struct ActionSpec {
    ActionId id = ActionId::New;
    MenuId menu = MenuId::File;
    const char* name = "";     ///< Object name: "file_new".
    const char* text = "";     ///< With mnemonic.
    const char* shortcut = ""; ///< Portable text; empty for none.
    const char* icon = "";     ///< Of the program's family.
    const char* tip = "";      ///< One sentence for the status bar.
    bool checkable = false;    ///< It has an on and an off.
    bool startsGroup = false;  ///< A separator stands before it.
};

[[nodiscard]] std::span<const ActionSpec> actionSpecs();
[[nodiscard]] QString menuTitle(MenuId menu);
inline constexpr std::array kMenus = {MenuId::File, MenuId::Edit,  MenuId::View,
                                      MenuId::Data, MenuId::Train, MenuId::Help};

/// All actions of the window, made from the table.
class Actions : public QObject {
    Q_OBJECT

public:
    explicit Actions(QObject* parent = nullptr);

    [[nodiscard]] QAction* at(ActionId id) const { return m_actions.at(id); }
    /// The actions of a menu in their order; separators are in them.
    [[nodiscard]] QList<QAction*> ofMenu(MenuId menu) const;
    void setTheme(const widgets::Theme& theme);

private:
    std::map<ActionId, QAction*> m_actions;
    std::map<MenuId, QList<QAction*>> m_menus;
};

} // namespace app
