import value from 'elsewhere'; export const handler = async () => value;
