"""The doctor: what is wrong with a site, from its files inwards and from its port inwards."""
