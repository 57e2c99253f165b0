// A plug-in for clang-tidy 14: its checks walk through our own declarations only, and not through all that a file
// includes of the system, where they find nothing that they say. That is most of what they cost. Later versions of
// clang-tidy do so by themselves.
#include <clang-tidy/ClangTidyCheck.h>
#include <clang-tidy/ClangTidyModule.h>
#include <clang-tidy/ClangTidyModuleRegistry.h>
#include <clang/AST/ASTContext.h>
#include <clang/ASTMatchers/ASTMatchFinder.h>
#include <clang/Basic/SourceManager.h>

#include <vector>

namespace {

using clang::ast_matchers::MatchFinder;

class OwnCode final : public clang::tidy::ClangTidyCheck {
 public:
  using ClangTidyCheck::ClangTidyCheck;

  void registerMatchers(MatchFinder* finder) override {
    finder->addMatcher(clang::ast_matchers::translationUnitDecl().bind("all"), this);
  }

  // Everything begins with this declaration, and what stands in it is asked for after it was matched.
  void check(const MatchFinder::MatchResult& found) override {
    std::vector<clang::Decl*> own;
    for (clang::Decl* declared : found.Context->getTranslationUnitDecl()->decls()) {
      const clang::SourceLocation at = found.SourceManager->getExpansionLoc(declared->getLocation());
      if (at.isValid() && !found.SourceManager->isInSystemHeader(at)) own.push_back(declared);
    }
    found.Context->setTraversalScope(own);
  }
};

class Module final : public clang::tidy::ClangTidyModule {
 public:
  void addCheckFactories(clang::tidy::ClangTidyCheckFactories& checks) override {
    checks.registerCheck<OwnCode>("xxt-own-code");
  }
};

const clang::tidy::ClangTidyModuleRegistry::Add<Module> kModule("xxt", "Where clang-tidy looks.");

}  // namespace
