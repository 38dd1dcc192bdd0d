"""People on their way from one site to another: the card of a site, the sealed file, the receipt."""
