#include "widgets/params/param_form.h"

#include "widgets/icons.h"
#include "widgets/params/param_editor.h"
#include "widgets/params/param_layout.h"
#include "widgets/text.h"
#include "widgets/text_role.h"

#include <QEvent>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace widgets {
namespace {

/// May be broken behind its underscores, where there is no room for it.
QString breakable(const QString& name) {
    constexpr char16_t kZeroWidthSpace = 0x200B;
    return QString(name).replace(u'_', QStringLiteral("_") + QChar(kZeroWidthSpace));
}

} // namespace

ParamForm::ParamForm(QWidget* parent)
    : QWidget(parent), m_theme(Theme::of(this)), m_rowsLayout(new ParamLayout(this)) {
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

/// Fields lose the keyboard while they are destroyed: that must not reach rows already gone.
ParamForm::~ParamForm() {
    for (const std::unique_ptr<Row>& row : m_rows) {
        row->editor->disconnect(this);
    }
}

void ParamForm::setSpecs(const std::vector<nn::ParamSpec>& specs) {
    if (specs == m_specs) {
        return;
    }
    commitPending();
    m_specs = specs;
    for (const std::unique_ptr<Row>& row : m_rows) {
        removeRow(*row);
    }
    m_rows.clear();
    m_values.clear();
    for (const nn::ParamSpec& spec : specs) {
        addRow(spec);
    }
    setVisible(!specs.empty());
    emit helpChanged({});
}

void ParamForm::removeRow(Row& row) {
    const std::initializer_list<QWidget*> parts{row.label, row.editor, row.editor->details(),
                                                row.reset, row.message};
    for (QWidget* part : parts) {
        if (part == nullptr) {
            continue;
        }
        // Not deleted at once: the field may be the one that made the specs change.
        part->hide();
        part->disconnect(this);
        m_rowsLayout->removeWidget(part);
        part->setObjectName({});
        part->deleteLater();
    }
}

void ParamForm::addRow(const nn::ParamSpec& spec) {
    auto row = std::make_unique<Row>();
    row->spec = spec;
    row->label = new QLabel(breakable(fromUtf8(spec.name)), this);
    row->label->setTextFormat(Qt::PlainText);
    row->label->setWordWrap(true);
    row->label->setAccessibleName(fromUtf8(spec.name));
    row->editor = makeParamEditor(spec, this);
    row->label->setBuddy(row->editor->field());
    row->label->setToolTip(row->editor->field()->toolTip());
    row->reset = new QToolButton(this);
    row->reset->setAutoRaise(true);
    QSizePolicy keepsRoom = row->reset->sizePolicy();
    keepsRoom.setRetainSizeWhenHidden(true);
    row->reset->setSizePolicy(keepsRoom);
    const QString byDefault = fromUtf8(nn::plainText(spec.defaultValue));
    row->reset->setAccessibleName(tr("Reset %1 to %2").arg(fromUtf8(spec.name), byDefault));
    row->reset->setToolTip(plainTip(tr("Reset to the default: %1").arg(byDefault)));
    row->reset->setObjectName(fromUtf8(spec.name) + QStringLiteral("-reset"));
    row->message = new QLabel(this);
    row->message->setTextFormat(Qt::PlainText);
    setTextRole(row->message, TextRole::Small);
    row->message->setWordWrap(true);
    row->message->setObjectName(fromUtf8(spec.name) + QStringLiteral("-message"));
    m_rowsLayout->addRow({.label = row->label,
                          .editor = row->editor,
                          .reset = row->reset,
                          .details = row->editor->details(),
                          .message = row->message});
    connectRow(*row);
    styleRow(*row);
    showMessage(*row);
    m_rows.push_back(std::move(row));
}

void ParamForm::connectRow(Row& row) {
    const QString name = fromUtf8(row.spec.name);
    Row* const at = &row; // lives as long as its editor's connections
    connect(row.editor, &ParamEditor::previewed, this,
            [this, name](const nn::ParamValue& value) { emit valuePreviewed(name, value); });
    connect(row.editor, &ParamEditor::committed, this,
            [this, name](const nn::ParamValue& value) { emit valueCommitted(name, value); });
    connect(row.editor, &ParamEditor::cancelled, this,
            [this, name] { emit previewCancelled(name); });
    connect(row.editor, &ParamEditor::problemChanged, this, [this, at](const QString& message) {
        at->typingProblem = message;
        showMessage(*at);
    });
    connect(row.editor, &ParamEditor::helpChanged, this, &ParamForm::helpChanged);
    connect(row.reset, &QToolButton::clicked, this,
            [this, name, value = row.spec.defaultValue] { emit valueCommitted(name, value); });
    row.label->installEventFilter(this);
    row.editor->installEventFilter(this);
    row.editor->field()->installEventFilter(this);
}

std::optional<nn::ParamValue> ParamForm::commonValue(const nn::ParamSpec& spec) const {
    if (m_values.empty()) {
        return std::nullopt;
    }
    const nn::ParamValue& first = nn::paramValue(m_values.front(), spec);
    const bool same = std::ranges::all_of(m_values, [&](const nn::ParamMap& params) {
        return nn::paramValue(params, spec) == first;
    });
    return same ? std::optional(first) : std::nullopt;
}

bool ParamForm::isWanted(const nn::ParamSpec& spec) const {
    if (spec.shownWhenParam.empty()) {
        return true;
    }
    const nn::ParamSpec* other = nn::findSpec(m_specs, spec.shownWhenParam);
    return other == nullptr || std::ranges::any_of(m_values, [&](const nn::ParamMap& params) {
               return nn::paramValue(params, *other) != spec.shownWhenNot;
           });
}

void ParamForm::setValues(const std::vector<nn::ParamMap>& values) {
    m_values = values;
    for (const std::unique_ptr<Row>& row : m_rows) {
        showRow(*row);
    }
}

void ParamForm::showRow(Row& row) {
    const std::optional<nn::ParamValue> value = commonValue(row.spec);
    const bool wanted = isWanted(row.spec);
    row.editor->setVisible(wanted); // first: it decides whether its details are
    row.editor->setValue(value);
    const bool isDefault = value == row.spec.defaultValue;
    row.label->setVisible(wanted);
    row.reset->setVisible(wanted && !isDefault);
    if (QWidget* details = row.editor->details(); details != nullptr && !wanted) {
        details->hide();
    }
    row.isChanged = !isDefault;
    styleRow(row);
}

void ParamForm::showMessage(Row& row) {
    const QString text = row.typingProblem.isEmpty() ? row.problem : row.typingProblem;
    row.message->setText(text);
    row.message->setVisible(!text.isEmpty() && isWanted(row.spec));
    row.message->setForegroundRole(QPalette::BrightText); // the theme's colour of errors
}

void ParamForm::setProblems(const QHash<QString, QString>& problems) {
    for (const std::unique_ptr<Row>& row : m_rows) {
        row->problem = problems.value(fromUtf8(row->spec.name));
        showMessage(*row);
    }
}

void ParamForm::commitPending() {
    // By index: a commit may lead to new rows.
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        m_rows[i]->editor->commitPending();
    }
}

void ParamForm::styleRow(Row& row) {
    row.reset->setIcon(icon(u"reset", m_theme));
    setTextRole(row.label, row.isChanged ? TextRole::Heading : TextRole::Body);
    showMessage(row);
}

void ParamForm::setTheme(const Theme& theme) {
    m_theme = theme;
    for (const std::unique_ptr<Row>& row : m_rows) {
        styleRow(*row);
    }
}

void ParamForm::changeEvent(QEvent* event) {
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_rowsLayout != nullptr) {
        setTheme(Theme::of(this));
    }
}

bool ParamForm::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Enter || event->type() == QEvent::FocusIn) {
        for (const std::unique_ptr<Row>& row : m_rows) {
            if (watched == row->label || watched == row->editor ||
                watched == row->editor->field()) {
                emit helpChanged(fromUtf8(row->spec.name) + QStringLiteral(": ") +
                                 row->editor->field()->accessibleDescription());
            }
        }
    }
    return QWidget::eventFilter(watched, event);
}

void ParamForm::focusFirstField() {
    for (const std::unique_ptr<Row>& row : m_rows) {
        if (isWanted(row->spec)) {
            row->editor->field()->setFocus(Qt::ShortcutFocusReason);
            return;
        }
    }
}

const ParamForm::Row* ParamForm::rowOf(const QString& name) const {
    for (const std::unique_ptr<Row>& row : m_rows) {
        if (fromUtf8(row->spec.name) == name) {
            return row.get();
        }
    }
    return nullptr;
}

QWidget* ParamForm::field(const QString& name) const {
    const Row* row = rowOf(name);
    return row == nullptr ? nullptr : row->editor->field();
}

QToolButton* ParamForm::resetButton(const QString& name) const {
    const Row* row = rowOf(name);
    return row == nullptr ? nullptr : row->reset;
}

QString ParamForm::message(const QString& name) const {
    const Row* row = rowOf(name);
    return row == nullptr ? QString() : row->message->text();
}

bool ParamForm::isShown(const QString& name) const {
    const Row* row = rowOf(name);
    return row != nullptr && isWanted(row->spec);
}

} // namespace widgets
