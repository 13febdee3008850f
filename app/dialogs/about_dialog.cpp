#include "app/dialogs/about_dialog.h"

#include "nn/base/version.h"

#include "widgets/icons.h"
#include "widgets/text_role.h"
#include "widgets/theme.h"

#include <Eigen/Core>
#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QVBoxLayout>

namespace app {

namespace {

constexpr int kIconSide = 64;

QString libraries() {
    return AboutDialog::tr("Qt %1 (LGPL-3.0), QCustomPlot (GPL-3.0-or-later), Eigen %2.%3.%4 "
                           "(MPL-2.0), Highway (Apache-2.0), nlohmann-json (MIT), tl::expected "
                           "(CC0), zlib (Zlib), libzip (BSD-3-Clause).")
        .arg(qVersion())
        .arg(EIGEN_WORLD_VERSION)
        .arg(EIGEN_MAJOR_VERSION)
        .arg(EIGEN_MINOR_VERSION);
}

QString details() {
    return AboutDialog::tr(
               "Licence\n"
               "Receptive is free software under the GNU General Public License, version 3 or "
               "later. It comes without any warranty.\n\n"
               "Data inside the program\n"
               "• UCI digits: 1,797 handwritten digits of 8×8 pixels. E. Alpaydin and C. Kaynak, "
               "Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, "
               "CC BY 4.0; scikit-learn's copy.\n"
               "• Fashion-MNIST mini: 6,000 training and 1,000 test images of 28×28 pixels, a "
               "stratified sample of Fashion-MNIST by Zalando SE, MIT licence.\n\n"
               "Vocabulary\n"
               "Layers, arguments, defaults and the summary table follow Keras.\n\n"
               "Libraries\n") +
           libraries();
}

} // namespace

AboutDialog::AboutDialog(QWidget* parent) : QDialog(parent) {
    setObjectName("aboutDialog");
    setWindowTitle(tr("About Receptive"));
    resize(560, 440);
    auto* icon = new QLabel(this);
    icon->setPixmap(widgets::applicationIcon().pixmap(kIconSide));
    auto* title = new QLabel(tr("Receptive %1").arg(nn::version.data()), this);
    widgets::setTextRole(title, widgets::TextRole::Title);
    auto* purpose = new QLabel(
        tr("Draw a convolutional network, train it on real images, look inside it."), this);
    purpose->setWordWrap(true);
    auto* titles = new QVBoxLayout;
    titles->addWidget(title);
    titles->addWidget(purpose);
    auto* head = new QHBoxLayout;
    head->setSpacing(widgets::spacing::kWide);
    head->addWidget(icon);
    head->addLayout(titles, 1);
    auto* text = new QPlainTextEdit(details(), this);
    text->setReadOnly(true);
    text->setAccessibleName(tr("Licences and attributions"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(widgets::spacing::kSection, widgets::spacing::kSection,
                               widgets::spacing::kSection, widgets::spacing::kWide);
    layout->setSpacing(widgets::spacing::kWide);
    layout->addLayout(head);
    layout->addWidget(text, 1);
    layout->addWidget(buttons);
}

} // namespace app
