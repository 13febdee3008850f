#include "widgets/icons.h"
#include "widgets/params/calm_combo_box.h"
#include "widgets/params/object_editor.h"
#include "widgets/params/param_editor.h"
#include "widgets/params/spin_field.h"
#include "widgets/text.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <algorithm>
#include <cmath>

namespace widgets {
namespace {

constexpr const char* kMixed = "—";

/// As a person would type it: 0.0002, not 2e-04.
QString shownText(const nn::ParamValue& value) {
    if (const double* number = std::get_if<double>(&value)) {
        constexpr int kDigits = 12;
        const QString text = QString::number(*number, 'g', kDigits);
        if (text.toDouble() == *number) {
            return text;
        }
    }
    return fromUtf8(nn::plainText(value));
}

QHBoxLayout* rowOf(QWidget* widget) {
    auto* row = new QHBoxLayout(widget);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    return row;
}

/// The next number of the series 1, 2, 5, 10, …: rates and factors span many magnitudes.
double stepOnScale(double value, int steps) {
    constexpr double kSlack = 1e-9;
    const double sign = value < 0.0 ? -1.0 : 1.0;
    double size = std::abs(value);
    for (int i = 0; i < std::abs(steps); ++i) {
        const bool up = (steps > 0) == (sign > 0.0);
        const double magnitude = std::pow(10.0, std::floor(std::log10(size) + kSlack));
        const double lead = size / magnitude;
        if (up) {
            size = magnitude * (lead < 2.0 - kSlack ? 2.0 : lead < 5.0 - kSlack ? 5.0 : 10.0);
        } else {
            size = magnitude * (lead > 5.0 + kSlack   ? 5.0
                                : lead > 2.0 + kSlack ? 2.0
                                : lead > 1.0 + kSlack ? 1.0
                                                      : 0.5);
        }
    }
    // Through text: 0.005, not 0.0050000000000000001.
    return sign * QString::number(size, 'g', 12).toDouble();
}

class BoolEditor final : public ParamEditor {
public:
    BoolEditor(const nn::ParamSpec& spec, QWidget* parent)
        : ParamEditor(spec, parent), m_box(new QCheckBox(this)) {
        describe(m_box);
        rowOf(this)->addWidget(m_box);
        connect(m_box, &QCheckBox::clicked, this, [this](bool on) {
            m_box->setTristate(false);
            commit(on);
        });
    }
    QWidget* field() override { return m_box; }

protected:
    void show(const std::optional<nn::ParamValue>& value) override {
        const bool* on = value ? std::get_if<bool>(&*value) : nullptr;
        m_box->setTristate(on == nullptr);
        m_box->setCheckState(on == nullptr ? Qt::PartiallyChecked
                             : *on         ? Qt::Checked
                                           : Qt::Unchecked);
    }

private:
    QCheckBox* m_box;
};

class ChoiceEditor final : public ParamEditor {
public:
    ChoiceEditor(const nn::ParamSpec& spec, QWidget* parent)
        : ParamEditor(spec, parent), m_box(new CalmComboBox(this)) {
        if (spec.optional) {
            m_box->addItem(QStringLiteral("None"));
        }
        for (const std::string& choice : spec.choices) {
            m_box->addItem(fromUtf8(choice));
        }
        m_box->setPlaceholderText(fromUtf8(kMixed));
        m_box->setMinimumContentsLength(8);
        m_box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        describe(m_box);
        rowOf(this)->addWidget(m_box, 1);
        connect(m_box, &QComboBox::activated, this, [this](int index) {
            const nn::ParamValue value = valueOf(index);
            if (current() != value) {
                commit(value);
            }
        });
    }
    QWidget* field() override { return m_box; }

protected:
    void show(const std::optional<nn::ParamValue>& value) override {
        m_box->setCurrentIndex(value ? m_box->findText(fromUtf8(choiceText(*value))) : -1);
    }

private:
    nn::ParamValue valueOf(int index) const {
        if (spec().optional && index == 0) {
            return nn::None{};
        }
        return m_box->itemText(index).toStdString();
    }
    static std::string choiceText(const nn::ParamValue& value) {
        const auto* text = std::get_if<std::string>(&value);
        return text != nullptr ? *text : nn::pythonText(value);
    }

    QComboBox* m_box;
};

class NumberEditor final : public ParamEditor {
public:
    NumberEditor(const nn::ParamSpec& spec, QWidget* parent)
        : ParamEditor(spec, parent), m_field(new SpinField(this)) {
        describe(m_field);
        auto* row = rowOf(this);
        row->addWidget(m_field, 1);
        if (!spec.unit.empty()) {
            row->addWidget(new QLabel(fromUtf8(spec.unit), this));
        }
        connect(m_field, &SpinField::typed, this, [this](const QString& text) { typed(text); });
        connect(m_field, &SpinField::stepped, this, [this](int steps) { step(steps); });
        connect(m_field, &SpinField::left, this, [this] { leave(); });
        connect(m_field, &SpinField::cancelled, this, [this] { cancel(); });
    }
    QWidget* field() override { return m_field; }

protected:
    void show(const std::optional<nn::ParamValue>& value) override {
        m_field->setPlaceholder(value ? QString() : fromUtf8(kMixed));
        m_field->setText(value ? shownText(*value) : QString());
    }

private:
    void step(int steps) {
        const nn::ParamValue base = current().value_or(spec().defaultValue);
        if (spec().kind == nn::ParamKind::Integer) {
            spin(stepped(std::get_if<std::int64_t>(&base), steps));
        } else {
            spin(stepped(std::get_if<double>(&base), steps));
        }
    }
    /// From None the first step leads to the least value allowed.
    nn::ParamValue stepped(const std::int64_t* base, int steps) const {
        constexpr double kWidest = 4e18;
        const auto least = static_cast<std::int64_t>(std::max(spec().min, -kWidest));
        const auto most = static_cast<std::int64_t>(std::min(spec().max, kWidest));
        const auto stride = std::max<std::int64_t>(1, static_cast<std::int64_t>(spec().step));
        if (base == nullptr) {
            return std::clamp<std::int64_t>(1, least, most);
        }
        return std::clamp(*base + steps * stride, least, most);
    }
    nn::ParamValue stepped(const double* base, int steps) const {
        const double start = base == nullptr ? std::max(spec().min, 0.0) : *base;
        if (spec().step > 0.0) {
            const double next = std::round((start + steps * spec().step) / spec().step);
            const double value = QString::number(next * spec().step, 'g', 12).toDouble();
            return std::clamp(value, spec().min, spec().max);
        }
        constexpr double kFromZero = 0.001;
        const double next =
            start == 0.0 ? (steps > 0 ? kFromZero : -kFromZero) : stepOnScale(start, steps);
        return std::clamp(next, spec().min, spec().max);
    }

    SpinField* m_field;
};

/// Height and width, usually the same: one field, or two when they are unlinked.
class SizeEditor final : public ParamEditor {
public:
    SizeEditor(const nn::ParamSpec& spec, QWidget* parent)
        : ParamEditor(spec, parent), m_height(new SpinField(this)), m_width(new SpinField(this)),
          m_cross(new QLabel(QStringLiteral("×"), this)), m_link(new QToolButton(this)) {
        describe(m_height);
        describe(m_width, tr("width"));
        m_link->setCheckable(true);
        m_link->setChecked(true);
        m_link->setAutoRaise(true);
        showIcon();
        m_link->setAccessibleName(tr("%1: height equals width").arg(fromUtf8(spec.name)));
        m_link->setToolTip(tr("Height equals width"));
        auto* row = rowOf(this);
        row->addWidget(m_height, 1);
        row->addWidget(m_cross);
        row->addWidget(m_width, 1);
        row->addWidget(m_link);
        for (SpinField* part : {m_height, m_width}) {
            connect(part, &SpinField::typed, this, [this] { typed(text()); });
            connect(part, &SpinField::stepped, this,
                    [this, part](int steps) { step(part == m_height, steps); });
            connect(part, &SpinField::left, this, [this] { leaveSoon(); });
            connect(part, &SpinField::cancelled, this, [this] { cancel(); });
        }
        connect(m_link, &QToolButton::clicked, this, [this](bool linked) { setLinked(linked); });
        showParts();
    }
    QWidget* field() override { return m_height; }

protected:
    void show(const std::optional<nn::ParamValue>& value) override {
        const auto* size = value ? std::get_if<nn::Size2>(&*value) : nullptr;
        if (size != nullptr) {
            m_height->setText(QString::number(size->height));
            m_width->setText(QString::number(size->width));
            if (size->height != size->width) {
                m_link->setChecked(false);
            }
        } else {
            m_height->setText(value ? fromUtf8(nn::plainText(*value)) : QString());
            m_width->setText({});
            m_link->setChecked(true);
        }
        m_height->setPlaceholder(value ? QString() : fromUtf8(kMixed));
        showParts();
    }
    void changeEvent(QEvent* event) override {
        ParamEditor::changeEvent(event);
        if (event->type() == QEvent::PaletteChange && m_link != nullptr) {
            showIcon();
        }
    }

private:
    void showIcon() { m_link->setIcon(icon(u"link", Theme::of(this))); }
    /// A pair may also be typed into the first field: "3, 5".
    QString text() const {
        const QString first = m_height->text().trimmed();
        const bool isPair = first.contains(u',') || first.contains(u'×') || first.contains(u'x');
        if (isPair) {
            return QString(first).replace(u'×', u',').replace(u'x', u',');
        }
        return m_link->isChecked() ? first
                                   : first + QStringLiteral(", ") + m_width->text().trimmed();
    }
    void step(bool height, int steps) {
        const nn::ParamValue base = current().value_or(spec().defaultValue);
        const auto* size = std::get_if<nn::Size2>(&base);
        nn::Size2 next = size == nullptr ? nn::Size2{1, 1} : *size;
        const auto limit = [this](std::int64_t value) {
            return static_cast<std::int64_t>(std::clamp(
                static_cast<double>(value), std::max(spec().min, 0.0), std::min(spec().max, 1e9)));
        };
        if (size != nullptr) {
            std::int64_t& part = height ? next.height : next.width;
            part = limit(part + steps);
            if (m_link->isChecked()) {
                next.width = next.height;
            }
        }
        spin(next);
    }
    void setLinked(bool linked) {
        showParts();
        const std::optional<nn::ParamValue> now = current();
        const auto* size = now ? std::get_if<nn::Size2>(&*now) : nullptr;
        if (linked && size != nullptr && size->height != size->width) {
            commit(nn::Size2{size->height, size->height});
        }
        (linked ? m_height : m_width)->setFocus();
    }
    void leaveSoon() {
        // Going from height to width is not leaving.
        if (!m_height->hasFocus() && !m_width->hasFocus()) {
            leave();
        } else {
            commitPending();
        }
    }
    void showParts() {
        const bool linked = m_link->isChecked();
        m_cross->setVisible(!linked);
        m_width->setVisible(!linked);
    }

    SpinField* m_height;
    SpinField* m_width;
    QLabel* m_cross;
    QToolButton* m_link;
};

class TextEditor final : public ParamEditor {
public:
    TextEditor(const nn::ParamSpec& spec, QWidget* parent)
        : ParamEditor(spec, parent), m_field(new QLineEdit(this)) {
        describe(m_field);
        rowOf(this)->addWidget(m_field, 1);
        m_field->installEventFilter(this);
        connect(m_field, &QLineEdit::textEdited, this,
                [this](const QString& text) { typed(text); });
        connect(m_field, &QLineEdit::editingFinished, this, [this] { leave(); });
    }
    QWidget* field() override { return m_field; }

protected:
    void show(const std::optional<nn::ParamValue>& value) override {
        m_field->setPlaceholderText(value ? QString() : fromUtf8(kMixed));
        const QString text = value ? fromUtf8(nn::plainText(*value)) : QString();
        if (text != m_field->text()) {
            m_field->setText(text);
        }
    }
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::KeyPress &&
            static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
            cancel();
            return true;
        }
        return ParamEditor::eventFilter(watched, event);
    }

private:
    QLineEdit* m_field;
};

} // namespace

ParamEditor* makeParamEditor(const nn::ParamSpec& spec, QWidget* parent) {
    switch (spec.kind) {
    case nn::ParamKind::Bool:
        return new BoolEditor(spec, parent);
    case nn::ParamKind::Integer:
    case nn::ParamKind::Real:
        if (spec.family != nullptr) {
            return new ObjectEditor(spec, parent);
        }
        return new NumberEditor(spec, parent);
    case nn::ParamKind::Choice:
        return new ChoiceEditor(spec, parent);
    case nn::ParamKind::Size:
        return new SizeEditor(spec, parent);
    case nn::ParamKind::IntegerList:
    case nn::ParamKind::RealList:
    case nn::ParamKind::Borders:
    case nn::ParamKind::Text:
        return new TextEditor(spec, parent);
    case nn::ParamKind::Object:
        return new ObjectEditor(spec, parent);
    }
    Q_UNREACHABLE();
}

} // namespace widgets
