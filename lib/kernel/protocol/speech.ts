/** The language of what the kernel says: every message to the front end passes here. English is what the code writes; Chinese is looked up. */
import path from 'node:path';
import {
  type Bundle,
  type Changer,
  changeBundle,
  changeError,
  changeOutput,
  changeWidget,
  type Failure,
  inChinese,
} from '../../i18n/bundle';
import { type Language, languageOf, notebookOf } from '../../i18n/language';
import { dictionaryOf, faultsOf } from '../../i18n/load';
import { ROOT } from '../paths';

type Content = Record<string, unknown>;

export class Speech {
  language: Language;
  private changer: Changer | undefined;
  /** Widgets that are open: id → name of their model. */
  private readonly models = new Map<string, unknown>();

  /** @param notebook its path, or the folder in which the kernel was started */
  constructor(private readonly notebook = notebookOf()) {
    this.language = this.ofPage();
  }

  /** The language of the page itself, before anybody switched. */
  ofPage(): Language {
    return languageOf(this.notebook) === 'zh' ? 'zh' : languageOf(process.cwd());
  }

  /** A message's content in the page's language. */
  say(type: string, content: Content): Content {
    if (type === 'comm_open') this.models.set(String(content.comm_id), modelOf(content));
    if (this.language === 'en') return content;
    const change = this.chinese();
    if (type === 'stream') return changeOutput({ ...content, output_type: 'stream' }, change) as Content;
    if (type === 'error' || content.status === 'error') return failed(content, change);
    if (type === 'comm_open' || type === 'comm_msg') return this.comm(content, change);
    if (type === 'input_request') return { ...content, prompt: change.line(String(content.prompt)) };
    return content.data && /^(display_data|update_display_data|execute_result)$/.test(type)
      ? { ...content, data: changeBundle(content.data as Bundle, change) }
      : content;
  }

  private comm(content: Content, change: Changer): Content {
    const data = (content.data ?? {}) as Content;
    if (data.method === 'update_states') {
      const states = Object.entries((data.states ?? {}) as Record<string, Content>).map(([id, model]) => [
        id,
        { ...model, state: changeWidget((model.state ?? {}) as Bundle, model.model_name, change) },
      ]);
      return { ...content, data: { ...data, states: Object.fromEntries(states) } };
    }
    if (!data.state || data.method === 'echo_update') return content; // an echo is what the reader typed
    const state = changeWidget(data.state as Bundle, this.models.get(String(content.comm_id)), change);
    return { ...content, data: { ...data, state } };
  }

  /** Read when the first Chinese word is needed. */
  private chinese(): Changer {
    if (!this.changer) {
      const dictionary = dictionaryOf(ROOT, path.basename(this.notebook, '.ipynb'));
      this.changer = inChinese(dictionary, faultsOf(ROOT, dictionary));
    }
    return this.changer;
  }
}

const modelOf = (content: Content): unknown =>
  ((content.data as Content | undefined)?.state as Content | undefined)?._model_name;

/** Replies that carry no traceback of their own (a compiler that ended) have at least a message. */
const failed = (content: Content, change: Changer): Content =>
  typeof content.evalue === 'string' && Array.isArray(content.traceback)
    ? { ...changeError(content as unknown as Failure, change) }
    : content;
