export { language, pageLanguage } from './language';
