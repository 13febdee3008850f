#include "app/help/definitions.h"

#include "nn/model/registry.h"
#include "nn/train/callback.h"
#include "nn/train/loss.h"
#include "nn/train/metric.h"
#include "nn/train/optimizer.h"

#include "widgets/params/param_form.h"
#include "widgets/text_role.h"

#include <QDir>
#include <QLabel>
#include <QPainter>
#include <QVBoxLayout>
#include <algorithm>
#include <map>
#include <set>

namespace app {

namespace {

using Families = std::set<const nn::ObjectFamily*>;

void addParams(std::vector<Definition>& all, const std::vector<nn::ParamSpec>& params,
               Families& seen);

void addFamily(std::vector<Definition>& all, const nn::ObjectFamily& family, Families& seen) {
    if (!seen.insert(&family).second) {
        return;
    }
    for (const nn::ObjectDef& def : family.defs()) {
        all.push_back(
            {QString::fromUtf8(family.name.data(), static_cast<qsizetype>(family.name.size())),
             QString::fromStdString(def.type), def.params});
        addParams(all, def.params, seen);
    }
}

void addParams(std::vector<Definition>& all, const std::vector<nn::ParamSpec>& params,
               Families& seen) {
    for (const nn::ParamSpec& spec : params) {
        if (spec.family != nullptr) {
            addFamily(all, *spec.family, seen);
        }
    }
}

QImage formPicture(const Definition& definition, const nn::ParamMap& values, int width) {
    QWidget page;
    auto* column = new QVBoxLayout(&page);
    auto* title = new QLabel(definition.name, &page);
    widgets::setTextRole(title, widgets::TextRole::Heading);
    title->setWordWrap(true);
    auto* form = new widgets::ParamForm(&page);
    form->setSpecs(definition.params);
    form->setValues({values});
    column->addWidget(title);
    column->addWidget(form);
    column->addStretch(1);
    page.setFixedWidth(width);
    page.ensurePolished();
    page.setAttribute(Qt::WA_DontShowOnScreen);
    page.show();
    page.setFixedHeight(column->totalHeightForWidth(width));
    column->activate();
    return page.grab().toImage();
}

/// Pictures in columns, as many sheets as it takes.
bool writeSheets(const std::vector<QImage>& pictures, const QString& name, int width) {
    constexpr int kColumns = 6;
    constexpr int kHeight = 1600;
    constexpr int kGap = 12;
    bool isGood = true;
    std::size_t next = 0;
    for (int sheet = 1; next < pictures.size(); ++sheet) {
        QImage page(kColumns * (width + kGap), kHeight, QImage::Format_RGB32);
        page.fill(Qt::gray);
        QPainter painter(&page);
        for (int column = 0; column < kColumns; ++column) {
            int top = 0;
            while (next < pictures.size() &&
                   (top == 0 || top + pictures[next].height() <= kHeight)) {
                painter.drawImage(column * (width + kGap), top, pictures[next]);
                top += pictures[next].height() + kGap;
                ++next;
            }
        }
        painter.end();
        isGood = page.save(QStringLiteral("%1-%2.png").arg(name).arg(sheet)) && isGood;
    }
    return isGood;
}

} // namespace

std::vector<Definition> everyDefinition() {
    std::vector<Definition> all;
    for (const nn::LayerDef& def : nn::layerDefs()) {
        all.push_back({"layer", QString::fromStdString(def.type), def.params});
    }
    for (const nn::OptimizerDef& def : nn::optimizerDefs()) {
        all.push_back({"optimizer", QString::fromStdString(def.name), def.params});
    }
    for (const nn::LossDef& def : nn::lossDefs()) {
        all.push_back({"loss", QString::fromStdString(def.name), def.params});
    }
    Families seen;
    for (std::size_t i = 0, count = all.size(); i < count; ++i) {
        addParams(all, std::vector<nn::ParamSpec>(all[i].params), seen);
    }
    addFamily(all, nn::metricFamily(), seen);
    addFamily(all, nn::callbackFamily(), seen);
    return all;
}

nn::ParamMap withObjects(const std::vector<nn::ParamSpec>& params) {
    nn::ParamMap values;
    for (const nn::ParamSpec& spec : params) {
        if (spec.family == nullptr) {
            continue;
        }
        const std::vector<nn::ObjectDef>& defs = spec.family->defs();
        const auto longest = std::ranges::max_element(
            defs, {}, [](const nn::ObjectDef& def) { return def.params.size(); });
        values[spec.name] = nn::defaultObject(*longest);
    }
    return values;
}

QString writeFormSheets(const QString& folder, int width) {
    if (!QDir().mkpath(folder)) {
        return folder + QStringLiteral(" could not be made");
    }
    std::map<QString, std::vector<QImage>> pictures;
    for (const Definition& definition : everyDefinition()) {
        if (definition.params.empty()) {
            continue;
        }
        pictures[definition.kind].push_back(formPicture(definition, {}, width));
        const nn::ParamMap objects = withObjects(definition.params);
        if (!objects.empty()) {
            pictures[definition.kind + "-objects"].push_back(
                formPicture(definition, objects, width));
        }
    }
    for (const auto& [kind, all] : pictures) {
        const QString name = QStringLiteral("%1/%2-%3").arg(folder, kind).arg(width);
        if (!writeSheets(all, name, width)) {
            return name + QStringLiteral(" could not be written");
        }
    }
    return {};
}

} // namespace app
