#include "app/actions.h"

#include "widgets/icons.h"

#include <QAction>
#include <QActionGroup>
#include <array>

namespace app {

namespace {

using enum ActionId;

#define TEXT(text) QT_TRANSLATE_NOOP("app::Actions", text)

constexpr auto kSpecs = std::to_array<ActionSpec>({
    {New, MenuId::File, "file_new", TEXT("&New…"), "Ctrl+N", "new",
     TEXT("Start a network from a template or from nothing")},
    {Open, MenuId::File, "file_open", TEXT("&Open…"), "Ctrl+O", "open", TEXT("Open a project")},
    {Save, MenuId::File, "file_save", TEXT("&Save"), "Ctrl+S", "save",
     TEXT("Save the project with its weights"), false, true},
    {SaveAs, MenuId::File, "file_save_as", TEXT("Save &As…"), "Ctrl+Shift+S", "save-as",
     TEXT("Save the project under another name")},
    {ClearRecent, MenuId::File, "file_clear_recent", TEXT("&Clear Recent Files"), "", "",
     TEXT("Forget the files opened lately"), false, true},
    {Quit, MenuId::File, "file_quit", TEXT("&Quit"), "Ctrl+Q", "quit", TEXT("Leave Receptive"),
     false, true},

    {Undo, MenuId::Edit, "edit_undo", TEXT("&Undo"), "Ctrl+Z", "undo", TEXT("Take back a step")},
    {Redo, MenuId::Edit, "edit_redo", TEXT("&Redo"), "Ctrl+Shift+Z", "redo",
     TEXT("Do again what was taken back")},
    {Cut, MenuId::Edit, "edit_cut", TEXT("Cu&t"), "Ctrl+X", "cut",
     TEXT("Move the selected layers to the clipboard"), false, true},
    {Copy, MenuId::Edit, "edit_copy", TEXT("&Copy"), "Ctrl+C", "copy",
     TEXT("Copy the selected layers to the clipboard")},
    {Paste, MenuId::Edit, "edit_paste", TEXT("&Paste"), "Ctrl+V", "paste",
     TEXT("Add the layers of the clipboard")},
    {Duplicate, MenuId::Edit, "edit_duplicate", TEXT("&Duplicate"), "Ctrl+D", "duplicate",
     TEXT("Add copies of the selected layers")},
    {Delete, MenuId::Edit, "edit_delete", TEXT("D&elete"), "Del", "delete",
     TEXT("Remove the selected layers and wires")},
    {SelectAll, MenuId::Edit, "edit_select_all", TEXT("Select &All"), "Ctrl+A", "",
     TEXT("Select every layer")},
    {FindLayer, MenuId::Edit, "edit_find_layer", TEXT("Add &Layer…"), "Ctrl+F", "plus",
     TEXT("Search the palette for a layer to add"), false, true},
    {Connect, MenuId::Edit, "edit_connect", TEXT("Co&nnect"), "Ctrl+L", "connect",
     TEXT("Draw a wire from the current layer with the keyboard")},
    {Arrange, MenuId::Edit, "edit_arrange", TEXT("Arran&ge"), "Ctrl+Shift+L", "layout",
     TEXT("Place all layers neatly")},
    {CopySummary, MenuId::Edit, "edit_copy_summary", TEXT("Copy Su&mmary as Text"), "Ctrl+Shift+C",
     "copy-text", TEXT("Copy the table as Keras 3 prints it"), false, true},
    {CopySummaryKeras2, MenuId::Edit, "edit_copy_summary_keras2",
     TEXT("Copy Summary as Keras &2 Text"), "", "", TEXT("Copy the table as Keras 2 prints it")},
    {CopySummaryCsv, MenuId::Edit, "edit_copy_summary_csv", TEXT("Copy Summary as CS&V"), "", "",
     TEXT("Copy the table with its costs for a spreadsheet")},
    {Preferences, MenuId::Edit, "edit_preferences", TEXT("Pre&ferences…"), "Ctrl+,", "preferences",
     TEXT("Theme, threads and data folders"), false, true},

    {Design, MenuId::View, "view_design", TEXT("&Design"), "Ctrl+1", "design",
     TEXT("Draw the network"), true},
    {Data, MenuId::View, "view_data", TEXT("D&ata"), "Ctrl+2", "data",
     TEXT("Choose and look at the images"), true},
    {Train, MenuId::View, "view_train", TEXT("&Train"), "Ctrl+3", "train",
     TEXT("Train the network and watch it learn"), true},
    {Inspect, MenuId::View, "view_inspect", TEXT("&Inspect"), "Ctrl+4", "inspect",
     TEXT("Look at filters and feature maps"), true},
    {ZoomIn, MenuId::View, "view_zoom_in", TEXT("&Zoom In"), "Ctrl++", "zoom-in",
     TEXT("Show the network larger"), false, true},
    {ZoomOut, MenuId::View, "view_zoom_out", TEXT("Zoom &Out"), "Ctrl+-", "zoom-out",
     TEXT("Show more of the network")},
    {ZoomActual, MenuId::View, "view_zoom_actual", TEXT("A&ctual Size"), "Ctrl+0", "",
     TEXT("Show the network at 100 %")},
    {ZoomFit, MenuId::View, "view_zoom_fit", TEXT("&Fit Network"), "Ctrl+9", "fit",
     TEXT("Show the whole network")},
    {ShowKerasCode, MenuId::View, "view_keras_code", TEXT("Show as &Keras Code"), "Ctrl+K", "log",
     TEXT("Show the network and its training as a Python program"), false, true},
    {ResetLayout, MenuId::View, "view_reset_layout", TEXT("&Reset Layout"), "", "",
     TEXT("Put all panels back where they were at first")},

    {OpenDataFile, MenuId::Data, "data_open_file", TEXT("Open Data &File…"), "", "import",
     TEXT("Use the images of an IDX file")},
    {OpenDataFolder, MenuId::Data, "data_open_folder", TEXT("Open Data F&older…"), "Ctrl+Shift+O",
     "folder", TEXT("Use a folder of IDX files or of image folders, one for each class")},
    {FitNetworkToData, MenuId::Data, "data_fit_network", TEXT("Fit &Network to Data"), "", "repair",
     TEXT("Set the input shape and the number of classes to those of the data"), false, true},

    {StartTraining, MenuId::Train, "train_start", TEXT("&Start"), "F5", "play",
     TEXT("Train the network on the chosen data")},
    {NewRun, MenuId::Train, "train_new_run", TEXT("Begin &New Run"), "Ctrl+F5", "",
     TEXT("Train with a fresh optimizer, also where the last run could be gone on with")},
    {RescueRun, MenuId::Train, "train_rescue_run", TEXT("Go On With a &Cut-Off Run"), "", "",
     TEXT("Look for a training that ended with the program before it was done")},
    {PauseTraining, MenuId::Train, "train_pause", TEXT("&Pause"), "F6", "pause",
     TEXT("Hold the training after this batch, or go on"), true},
    {StepTraining, MenuId::Train, "train_step", TEXT("St&ep"), "F10", "step",
     TEXT("Train one batch, then wait")},
    {StopTraining, MenuId::Train, "train_stop", TEXT("St&op"), "Shift+F5", "stop",
     TEXT("End the training after this batch and keep what was learned")},
    {ResetWeights, MenuId::Train, "train_reset_weights", TEXT("&Reset Weights"), "", "reset",
     TEXT("Forget what was learned and begin with fresh weights"), false, true},

    {LayerHelp, MenuId::Help, "help_layer", TEXT("&Help on Layers"), "F1", "help",
     TEXT("Explain the selected layer, or list all layers")},
    {Shortcuts, MenuId::Help, "help_shortcuts", TEXT("&Keyboard Shortcuts"), "Ctrl+F1", "",
     TEXT("List every key")},
    {About, MenuId::Help, "help_about", TEXT("&About Receptive"), "", "about",
     TEXT("Version, licences and where the data come from")},
});

#undef TEXT

} // namespace

std::span<const ActionSpec> actionSpecs() {
    return kSpecs;
}

QString menuTitle(MenuId menu) {
    switch (menu) {
    case MenuId::File:
        return Actions::tr("&File");
    case MenuId::Edit:
        return Actions::tr("&Edit");
    case MenuId::View:
        return Actions::tr("&View");
    case MenuId::Data:
        return Actions::tr("&Data");
    case MenuId::Train:
        return Actions::tr("&Train");
    case MenuId::Help:
        return Actions::tr("&Help");
    }
    return {};
}

Actions::Actions(QObject* parent) : QObject(parent) {
    for (const ActionSpec& spec : kSpecs) {
        auto* action = new QAction(tr(spec.text), this);
        action->setObjectName(spec.name);
        action->setShortcut(QKeySequence::fromString(spec.shortcut, QKeySequence::PortableText));
        action->setStatusTip(tr(spec.tip));
        action->setCheckable(spec.checkable);
        const QString shortcut = action->shortcut().toString(QKeySequence::NativeText);
        action->setToolTip(shortcut.isEmpty() ? tr(spec.tip)
                                              : tr("%1 (%2)").arg(tr(spec.tip), shortcut));
        if (spec.startsGroup) {
            auto* separator = new QAction(this);
            separator->setSeparator(true);
            m_menus[spec.menu].append(separator);
        }
        m_actions.emplace(spec.id, action);
        m_menus[spec.menu].append(action);
    }
    at(Redo)->setShortcuts({QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")});
    at(ZoomIn)->setShortcuts({QKeySequence("Ctrl++"), QKeySequence("Ctrl+=")});
    at(Quit)->setMenuRole(QAction::QuitRole);
    at(About)->setMenuRole(QAction::AboutRole);
    at(Preferences)->setMenuRole(QAction::PreferencesRole);

    auto* workspaces = new QActionGroup(this);
    for (const ActionId id : {Design, Data, Train, Inspect}) {
        workspaces->addAction(at(id));
    }
}

QList<QAction*> Actions::ofMenu(MenuId menu) const {
    return m_menus.at(menu);
}

void Actions::setTheme(const widgets::Theme& theme) {
    for (const ActionSpec& spec : kSpecs) {
        if (spec.icon[0] != '\0') {
            at(spec.id)->setIcon(widgets::icon(QString::fromUtf8(spec.icon), theme));
        }
    }
}

} // namespace app
