/** The language of TypeScript's own messages: it brings Chinese along. */
import ts from 'typescript';
import type { Language } from '../../i18n/language';

/** Messages made from now on are in this language. TypeScript offers a way there; the way back is its own, unlisted function. */
export function speak(language: Language): void {
  if (language === 'zh') ts.validateLocaleAndSetLanguage('zh-cn', ts.sys);
  else
    (ts as unknown as { setLocalizedDiagnosticMessages(none: undefined): void }).setLocalizedDiagnosticMessages(
      undefined,
    );
}
