#ifndef XXT_TOOLS_XXT_IDENTIFIERS_H_
#define XXT_TOOLS_XXT_IDENTIFIERS_H_

#include <string>

// What identifiers of the services' code mean in front of people, in Chinese; the
// text itself where it is none of these.
namespace xxt::cli {

// "阅读来信" for "referral.read_mail". The machine's own kinds, which only operators
// see, have no word.
std::string TaskKindInWords(const std::string& kind);

// "事情已办结" for "case-closed": the headline of the template.
std::string TemplateInWords(const std::string& id);

}  // namespace xxt::cli

#endif  // XXT_TOOLS_XXT_IDENTIFIERS_H_
