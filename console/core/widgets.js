// All the parts that pages are made of, by one import.
export {copyAs} from './copy_as.js';
export {confirm, dialog, toast} from './dialogs.js';
export {errorBox} from './errors.js';
export {field, jsonEditor} from './fields.js';
export {table, virtualList} from './lists.js';
export {tabs} from './tabs.js';
