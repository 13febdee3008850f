#include "widgets/params/object_list.h"

#include "widgets/icons.h"
#include "widgets/params/entry_button.h"
#include "widgets/params/param_form.h"
#include "widgets/text.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace widgets {
namespace {

QToolButton* smallButton(const QString& name, const QString& tip, QWidget* parent) {
    auto* button = new QToolButton(parent);
    button->setAutoRaise(true);
    button->setObjectName(name);
    button->setToolTip(tip);
    button->setAccessibleName(tip);
    return button;
}

QString tipOf(const nn::ObjectDef& def) {
    return fromUtf8(def.help.empty() ? def.title : def.help);
}

} // namespace

ObjectList::ObjectList(const nn::ObjectFamily& family, QWidget* parent)
    : QWidget(parent), m_family(family), m_column(new QVBoxLayout), m_add(new QToolButton(this)) {
    auto* outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(spacing::kTight);
    m_column->setSpacing(spacing::kTight);
    outer->addLayout(m_column);
    outer->addWidget(m_add, 0, Qt::AlignLeft);
    m_add->setObjectName(QStringLiteral("add"));
    m_add->setText(tr("Add"));
    m_add->setAccessibleName(tr("Add %1").arg(fromUtf8(family.phrase)));
    m_add->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_add->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(m_add);
    menu->setToolTipsVisible(true);
    fillMenu(*menu);
    m_add->setMenu(menu);
    restyle();
}

/// Fields lose the keyboard while they are destroyed: that is no change.
ObjectList::~ObjectList() {
    for (const Entry& entry : m_entries) {
        if (entry.form != nullptr) {
            entry.form->disconnect(this);
        }
    }
}

void ObjectList::fillMenu(QMenu& menu) {
    for (const nn::ObjectDef& def : m_family.defs()) {
        const QString type = fromUtf8(def.type);
        // The part behind the tabulator stands at the right, where shortcuts do.
        const QString text = def.title.empty() ? type : type + u'\t' + fromUtf8(def.title);
        QAction* action = menu.addAction(text, this, [this, &def] { add(def); });
        action->setToolTip(plainTip(tipOf(def)));
    }
}

const nn::ObjectDef* ObjectList::defOf(int index) const {
    return nn::findObjectDef(m_family, m_objects[static_cast<std::size_t>(index)].type());
}

void ObjectList::setObjects(const std::vector<nn::ParamObject>& objects) {
    m_objects = objects;
    const bool sameForms =
        std::ranges::equal(objects, m_entries, {}, &nn::ParamObject::type, &Entry::type);
    if (!sameForms) {
        rebuild();
    }
    showValues();
}

void ObjectList::rebuild() {
    for (const Entry& entry : m_entries) {
        // Not deleted at once: a button in it may have led here.
        if (entry.form != nullptr) {
            entry.form->disconnect(this);
        }
        m_column->removeWidget(entry.box);
        entry.box->hide();
        entry.box->setObjectName({});
        entry.box->deleteLater();
    }
    m_entries.clear();
    for (int i = 0; i < static_cast<int>(m_objects.size()); ++i) {
        m_entries.push_back(makeEntry(m_objects[static_cast<std::size_t>(i)], i));
        m_column->addWidget(m_entries.back().box);
        connectEntry(m_entries.back(), i);
    }
    restyle();
}

ObjectList::Entry ObjectList::makeEntry(const nn::ParamObject& object, int index) {
    Entry entry{.type = object.type(), .box = new QWidget(this)};
    const QString name = fromUtf8(object.type());
    const nn::ObjectDef* def = defOf(index);
    entry.box->setObjectName(QStringLiteral("entry-%1").arg(index));
    auto* column = new QVBoxLayout(entry.box);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    auto* row = new QHBoxLayout;
    row->setSpacing(0);
    entry.open = new EntryButton(name, entry.box);
    entry.open->setObjectName(QStringLiteral("open"));
    entry.open->setToolTip(def == nullptr ? name : plainTip(name + u'\n' + tipOf(*def)));
    entry.open->setCheckable(true);
    entry.up = smallButton(QStringLiteral("up"), tr("Move %1 up").arg(name), entry.box);
    entry.down = smallButton(QStringLiteral("down"), tr("Move %1 down").arg(name), entry.box);
    entry.remove = smallButton(QStringLiteral("remove"), tr("Remove %1").arg(name), entry.box);
    row->addWidget(entry.open, 1);
    for (QToolButton* button : {entry.up, entry.down, entry.remove}) {
        row->addWidget(button, 0, Qt::AlignTop);
    }
    column->addLayout(row);
    entry.problem = new QLabel(entry.box);
    entry.problem->setObjectName(QStringLiteral("problem"));
    entry.problem->setTextFormat(Qt::PlainText);
    entry.problem->setWordWrap(true);
    entry.problem->setForegroundRole(QPalette::BrightText);
    entry.problem->hide();
    column->addWidget(entry.problem);
    if (def != nullptr && !def->params.empty()) {
        entry.form = new ParamForm(entry.box);
        entry.form->setSpecs(def->params);
        entry.form->setContentsMargins(12, 0, 0, spacing::kTight);
        column->addWidget(entry.form);
        entry.open->setChecked(true);
    }
    entry.up->setEnabled(index > 0);
    entry.down->setEnabled(index + 1 < static_cast<int>(m_objects.size()));
    return entry;
}

void ObjectList::connectEntry(const Entry& entry, int index) {
    connect(entry.up, &QToolButton::clicked, this, [this, index] { move(index, -1); });
    connect(entry.down, &QToolButton::clicked, this, [this, index] { move(index, 1); });
    connect(entry.remove, &QToolButton::clicked, this, [this, index] { removeAt(index); });
    connect(entry.open, &QToolButton::toggled, this, [this, form = entry.form](bool open) {
        if (form != nullptr) {
            form->setVisible(open);
        }
        restyle();
    });
    if (entry.form != nullptr) {
        connect(entry.form, &ParamForm::valueCommitted, this,
                [this, index](const QString& name, const nn::ParamValue& value) {
                    change(index, name, value);
                });
        connect(entry.form, &ParamForm::helpChanged, this, &ObjectList::helpChanged);
    }
}

void ObjectList::showValues() {
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        if (m_entries[i].form != nullptr) {
            m_entries[i].form->setValues({m_objects[i].params()});
            m_entries[i].form->setProblems({});
        }
    }
}

void ObjectList::setProblems(const QStringList& problems) {
    for (std::size_t i = 0; i < m_entries.size(); ++i) {
        const QString text = problems.value(static_cast<qsizetype>(i));
        m_entries[i].problem->setText(text);
        m_entries[i].problem->setVisible(!text.isEmpty());
    }
}

ParamForm* ObjectList::form(int index) const {
    const auto at = static_cast<std::size_t>(index);
    return at < m_entries.size() ? m_entries[at].form : nullptr;
}

void ObjectList::add(const nn::ObjectDef& def) {
    std::vector<nn::ParamObject> next = m_objects;
    next.push_back(nn::defaultObject(def));
    emit changed(next, tr("Add %1").arg(fromUtf8(def.type)));
}

void ObjectList::move(int index, int by) {
    std::vector<nn::ParamObject> next = m_objects;
    std::swap(next[static_cast<std::size_t>(index)], next[static_cast<std::size_t>(index + by)]);
    emit changed(next,
                 tr("Move %1").arg(fromUtf8(m_entries[static_cast<std::size_t>(index)].type)));
}

void ObjectList::removeAt(int index) {
    std::vector<nn::ParamObject> next = m_objects;
    next.erase(next.begin() + index);
    emit changed(next,
                 tr("Remove %1").arg(fromUtf8(m_entries[static_cast<std::size_t>(index)].type)));
}

void ObjectList::change(int index, const QString& name, const nn::ParamValue& value) {
    const auto at = static_cast<std::size_t>(index);
    const nn::ObjectDef* def = defOf(index);
    if (def == nullptr) {
        return;
    }
    auto params = nn::withParam(m_objects[at].params(), def->params, name.toStdString(), value);
    if (!params) {
        m_entries[at].form->setProblems({{name, fromUtf8(params.error().message)}});
        return;
    }
    std::vector<nn::ParamObject> next = m_objects;
    next[at] = nn::ParamObject(def->type, *std::move(params));
    emit changed(next, tr("Set %1 of %2").arg(name, fromUtf8(def->type)));
}

void ObjectList::restyle() {
    const Theme& theme = Theme::of(this);
    m_add->setIcon(icon(u"plus", theme));
    for (const Entry& entry : m_entries) {
        const bool open = entry.open->isChecked();
        entry.open->setIcon(entry.form == nullptr
                                ? QIcon()
                                : icon(open ? u"chevron-down" : u"chevron-right", theme));
        entry.up->setIcon(icon(u"chevron-up", theme));
        entry.down->setIcon(icon(u"chevron-down", theme));
        entry.remove->setIcon(icon(u"close", theme));
    }
}

void ObjectList::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_add != nullptr) {
        restyle();
    }
}

} // namespace widgets
